import {
  GetSecretValueCommand,
  ListSecretsCommand,
  PutSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { AppError } from '../domain/errors.ts';
import { UnreachableError } from './program.ts';

/** The secrets that an operator fills, by their names in the template. */
export type SecretId = 'TradeKey' | 'ReadKey' | 'WebhookTokens';

export interface StackSecrets {
  /** @returns the value, or undefined while it was never set */
  read(id: SecretId): Promise<string | undefined>;
  write(id: SecretId, value: string): Promise<void>;
  /** The name that the service knows it by. */
  nameOf(id: SecretId): Promise<string>;
}

export interface SecretsOptions {
  /** Name of the deployed stack; its secrets are found by the tags that CloudFormation puts on them. */
  readonly stack: string;
  /** Address of a local run's Secrets Manager, where each secret has the name it has in the template. */
  readonly endpoint?: string | undefined;
  /** Name or ARN to use for the one secret at hand (the stack's outputs `…SecretName` say it). */
  readonly name?: string | undefined;
}

/** Secrets of a deployed stack, or of one that runs here. Values never appear in an error. */
export const openStackSecrets = ({ stack, endpoint, name }: SecretsOptions): StackSecrets => {
  const client = new SecretsManagerClient({
    maxAttempts: 2,
    requestHandler: { connectionTimeout: 3_000, requestTimeout: 10_000, throwOnRequestTimeout: true },
    ...(endpoint && {
      endpoint,
      region: 'local',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    }),
  });

  let found: Promise<ReadonlyMap<string, string>> | undefined;
  const nameOf: StackSecrets['nameOf'] = async (id) => {
    if (name !== undefined) return name;
    if (endpoint !== undefined) return id;
    found ??= namesOf(stack, client);
    const known = (await found).get(id);
    if (known === undefined)
      throw new AppError(
        'no_stack',
        `No secret ${id} of a stack ${stack} was found here. Is this the right account and region (AWS_PROFILE, AWS_REGION)? Its name is the stack's output ${id}SecretName: --secret <name>.`,
      );
    return known;
  };

  return {
    nameOf,
    read: async (id) => {
      const SecretId = await nameOf(id);
      return asked(`the secret ${SecretId} could not be read`, async () => {
        try {
          return (await client.send(new GetSecretValueCommand({ SecretId }))).SecretString;
        } catch (error) {
          if (error instanceof ResourceNotFoundException && /staging label/.test(error.message))
            return undefined;
          throw error;
        }
      });
    },
    write: async (id, value) => {
      const SecretId = await nameOf(id);
      await asked(`the secret ${SecretId} could not be written`, () =>
        client.send(new PutSecretValueCommand({ SecretId, SecretString: value })),
      );
    },
  };
};

/** By logical id. CloudFormation tags every secret it makes with the stack and with the name in the template. */
const namesOf = (stack: string, client: SecretsManagerClient): Promise<ReadonlyMap<string, string>> =>
  asked('the secrets could not be listed', async () => {
    const names = new Map<string, string>();
    let NextToken: string | undefined;
    do {
      const answer = await client.send(
        new ListSecretsCommand({ Filters: [{ Key: 'tag-value', Values: [stack] }], NextToken }),
      );
      for (const { Name, Tags = [] } of answer.SecretList ?? []) {
        const tag = (key: string) => Tags.find(({ Key }) => Key === `aws:cloudformation:${key}`)?.Value;
        const id = tag('logical-id');
        if (Name && id && tag('stack-name') === stack) names.set(id, Name);
      }
      NextToken = answer.NextToken;
    } while (NextToken);
    return names;
  });

/** What the service answered, or why there is none, in words of ours: a message of the SDK may quote what was sent. */
const asked = async <Result>(failed: string, work: () => Promise<Result>): Promise<Result> => {
  try {
    return await work();
  } catch (error) {
    const why = error instanceof Error ? error.name : 'unknown';
    const answered = error instanceof Error && '$metadata' in error && '$fault' in error;
    const message = `${failed[0]?.toUpperCase()}${failed.slice(1)} (${why}).`;
    throw answered ? new AppError('secrets', message) : new UnreachableError('secrets', message);
  }
};
