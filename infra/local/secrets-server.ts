import { randomUUID } from 'node:crypto';
import * as z from 'zod';
import { arnOf } from './aws.ts';
import { readBody, sendJson } from './http.ts';
import { type Listener, listenLocally } from './ports.ts';

const Value = { SecretString: z.string().optional(), SecretBinary: z.string().optional() };
const CreateSecret = z.looseObject({
  Name: z.string().min(1),
  ClientRequestToken: z.string().optional(),
  Description: z.string().optional(),
  ...Value,
});
const PutSecretValue = z.looseObject({
  SecretId: z.string(),
  ClientRequestToken: z.string().optional(),
  VersionStages: z.array(z.string()).default(['AWSCURRENT']),
  ...Value,
});
const GetSecretValue = z.looseObject({
  SecretId: z.string(),
  VersionId: z.string().optional(),
  VersionStage: z.string().optional(),
});
const DescribeSecret = z.looseObject({ SecretId: z.string() });

interface Version {
  readonly id: string;
  readonly text: string | undefined;
  readonly binary: string | undefined;
  readonly created: number;
  readonly stages: Set<string>;
}

interface Secret {
  readonly name: string;
  readonly arn: string;
  readonly description: string | undefined;
  readonly created: number;
  readonly versions: Version[];
}

/** A refusal in the service's own words. */
class ServiceError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export interface SecretsServer {
  readonly url: string;
  /** Makes a secret, with a value or without one, as a deployment does. */
  create(secret: { name: string; arn?: string; value?: string | undefined }): void;
  /** How often a value was asked for. */
  reads(): number;
  close(): Promise<void>;
}

/**
 * As much of Secrets Manager as functions and operators use: CreateSecret, PutSecretValue, GetSecretValue and
 * DescribeSecret with the stages AWSCURRENT and AWSPREVIOUS. Kept in memory only: values never reach the disk.
 */
export const serveSecrets = async (port = 0): Promise<SecretsServer> => {
  const secrets: Secret[] = [];
  let reads = 0;

  const operations: Record<string, (input: unknown) => unknown> = {
    CreateSecret: (input) => {
      const { Name, Description, ClientRequestToken, SecretString, SecretBinary } = CreateSecret.parse(input);
      if (secrets.some(({ name }) => name === Name)) {
        throw new ServiceError(
          'ResourceExistsException',
          `The operation failed because the secret ${Name} already exists.`,
        );
      }
      const secret = add(secrets, { name: Name, description: Description });
      if (SecretString === undefined && SecretBinary === undefined) return { ARN: secret.arn, Name };
      const { id } = store(secret, {
        token: ClientRequestToken,
        text: SecretString,
        binary: SecretBinary,
        stages: ['AWSCURRENT'],
      });
      return { ARN: secret.arn, Name, VersionId: id };
    },
    PutSecretValue: (input) => {
      const { SecretId, ClientRequestToken, SecretString, SecretBinary, VersionStages } =
        PutSecretValue.parse(input);
      const secret = find(secrets, SecretId);
      const { id, stages } = store(secret, {
        token: ClientRequestToken,
        text: SecretString,
        binary: SecretBinary,
        stages: VersionStages,
      });
      return { ARN: secret.arn, Name: secret.name, VersionId: id, VersionStages: [...stages] };
    },
    GetSecretValue: (input) => {
      reads += 1;
      const { SecretId, VersionId, VersionStage } = GetSecretValue.parse(input);
      const secret = find(secrets, SecretId);
      const stage = VersionStage ?? (VersionId ? undefined : 'AWSCURRENT');
      const version = secret.versions.find(
        ({ id, stages }) => (!VersionId || id === VersionId) && (!stage || stages.has(stage)),
      );
      if (!version) {
        const what = stage ? `value for staging label: ${stage}` : `version: ${VersionId}`;
        throw new ServiceError(
          'ResourceNotFoundException',
          `Secrets Manager can't find the specified secret ${what}`,
        );
      }
      return {
        ARN: secret.arn,
        Name: secret.name,
        VersionId: version.id,
        SecretString: version.text,
        SecretBinary: version.binary,
        VersionStages: [...version.stages],
        CreatedDate: version.created,
      };
    },
    DescribeSecret: (input) => {
      const secret = find(secrets, DescribeSecret.parse(input).SecretId);
      return {
        ARN: secret.arn,
        Name: secret.name,
        Description: secret.description,
        CreatedDate: secret.created,
        VersionIdsToStages: Object.fromEntries(
          secret.versions.filter(({ stages }) => stages.size > 0).map(({ id, stages }) => [id, [...stages]]),
        ),
      };
    },
  };

  const answer = (target: string | undefined, text: string): { status: number; body: unknown } => {
    try {
      const operation = operations[target?.replace('secretsmanager.', '') ?? ''];
      if (!operation)
        throw new ServiceError(
          'InvalidRequestException',
          `${target} is not understood by the local Secrets Manager.`,
        );
      return { status: 200, body: operation(JSON.parse(text)) };
    } catch (error) {
      const code = error instanceof ServiceError ? error.code : 'InvalidParameterException';
      // Only our own words: a parser's message would quote what was sent.
      const message = error instanceof ServiceError ? error.message : 'The request is not valid.';
      return { status: 400, body: { __type: code, Message: message, message } };
    }
  };

  const listener: Listener = await listenLocally(async (request, response) => {
    const body = await readBody(request, 200_000);
    const { status, body: result } = answer(
      String(request.headers['x-amz-target']),
      body?.toString('utf8') ?? '',
    );
    sendJson(response, status, result, {
      'content-type': 'application/x-amz-json-1.1',
      'x-amzn-requestid': randomUUID(),
    });
  }, port);

  return {
    url: listener.url,
    create: ({ name, arn, value }) => {
      const secret = add(secrets, { name, arn, description: undefined });
      if (value !== undefined)
        store(secret, { token: undefined, text: value, binary: undefined, stages: ['AWSCURRENT'] });
    },
    reads: () => reads,
    close: listener.close,
  };
};

const now = (): number => Date.now() / 1000;

const add = (
  secrets: Secret[],
  { name, arn, description }: { name: string; arn?: string | undefined; description: string | undefined },
): Secret => {
  const secret = {
    name,
    arn: arn ?? arnOf('secretsmanager', `secret:${name}-local0`),
    description,
    created: now(),
    versions: [],
  };
  secrets.push(secret);
  return secret;
};

/** By name, by ARN, or by ARN without the six characters at its end. */
const find = (secrets: readonly Secret[], wanted: string): Secret => {
  const found = secrets.find(
    ({ name, arn }) => wanted === name || wanted === arn || wanted === arn.slice(0, -7),
  );
  if (!found)
    throw new ServiceError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
  return found;
};

interface NewVersion {
  readonly token: string | undefined;
  readonly text: string | undefined;
  readonly binary: string | undefined;
  readonly stages: readonly string[];
}

const store = (secret: Secret, { token, text, binary, stages }: NewVersion): Version => {
  if ((text === undefined) === (binary === undefined)) {
    throw new ServiceError(
      'InvalidParameterException',
      'You must provide either SecretString or SecretBinary.',
    );
  }
  const repeated = secret.versions.find(({ id }) => id === token);
  if (repeated) {
    if (repeated.text === text && repeated.binary === binary) return repeated;
    throw new ServiceError(
      'ResourceExistsException',
      `You can't use ClientRequestToken ${token} because that value is already in use for a version of secret ${secret.name}.`,
    );
  }
  if (stages.includes('AWSCURRENT')) {
    const current = secret.versions.find((version) => version.stages.has('AWSCURRENT'));
    for (const version of secret.versions) if (current) version.stages.delete('AWSPREVIOUS');
    current?.stages.add('AWSPREVIOUS');
  }
  for (const version of secret.versions) for (const stage of stages) version.stages.delete(stage);
  const version = { id: token ?? randomUUID(), text, binary, created: now(), stages: new Set(stages) };
  secret.versions.push(version);
  return version;
};
