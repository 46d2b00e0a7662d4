import {
  GetSecretValueCommand,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import * as z from 'zod';
import { AppError, NotConfiguredError } from '../domain/errors.ts';
import type { Clock } from '../domain/ports.ts';

/** A secret is read again after this long, so that a rotation needs no deploy, ms. */
const KEEP = 300_000;

/** While Secrets Manager does not answer, the last value serves this long, ms. */
const KEEP_AT_MOST = 3_600_000;

/** A secret's value, kept in memory for a while. */
export interface CachedSecret<T> {
  /**
   * @param maxAge read again when what is kept is older, ms
   * @throws NotConfiguredError while the owner has not set it
   */
  value(maxAge?: number): Promise<T>;
}

/** One client with explicit limits for all secrets of a process. */
export const createSecretsClient = (): SecretsManagerClient =>
  new SecretsManagerClient({
    maxAttempts: 2,
    requestHandler: { connectionTimeout: 300, requestTimeout: 800, throwOnRequestTimeout: true },
  });

/** The access key pair of the exchange. */
export const ApiKey = z.object({ accessKey: z.string().min(1), secretKey: z.string().min(1) });
export type ApiKey = z.infer<typeof ApiKey>;

/** Webhook tokens: strategy → token, or a list of them while one is being rotated. */
export const WebhookTokens = z.record(
  z.string(),
  z.union([z.string().min(1), z.array(z.string().min(1)).min(1)]),
);
export type WebhookTokens = z.infer<typeof WebhookTokens>;

/** A bearer token of an API of ours: the secret is the token itself, no JSON. */
export const BearerToken = z.string().min(1);

/**
 * A secret that is read at first use and again when it has grown old. Its value never reaches an error: what does not
 * parse is reported by name only.
 */
export const cachedSecret = <Schema extends z.ZodType>(
  name: string,
  schema: Schema,
  client: SecretsManagerClient,
  clock: Clock,
): CachedSecret<z.output<Schema>> => {
  let kept: { value: z.output<Schema>; readAt: number } | undefined;
  let reading: Promise<z.output<Schema>> | undefined;
  const read = async (): Promise<z.output<Schema>> => {
    try {
      kept = { value: parse(name, schema, await fetchText(name, client)), readAt: clock.now() };
    } catch (error) {
      // A service that does not answer must not stop trading; a value that was taken away or spoilt must.
      if (!kept || error instanceof NotConfiguredError || clock.now() - kept.readAt > KEEP_AT_MOST)
        throw error;
    }
    return kept.value;
  };
  return {
    value: (maxAge = KEEP) => {
      if (kept && clock.now() - kept.readAt < Math.min(maxAge, KEEP)) return Promise.resolve(kept.value);
      reading ??= read().finally(() => {
        reading = undefined;
      });
      return reading;
    },
  };
};

const fetchText = async (name: string, client: SecretsManagerClient): Promise<string> => {
  try {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: name }));
    return SecretString ?? '';
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return '';
    throw new AppError('secrets_unavailable', `the secret ${name} could not be read`, {
      cause: error,
      retryable: true,
    });
  }
};

const parse = <Schema extends z.ZodType>(name: string, schema: Schema, text: string): z.output<Schema> => {
  const value = text.trim();
  const unset = value === '' || value === '{}';
  const parsed = unset ? undefined : schema.safeParse(value.startsWith('{') ? jsonOf(value) : value);
  if (!parsed?.success) {
    throw new NotConfiguredError(
      unset ? `The secret ${name} is not set yet.` : `The secret ${name} does not have the expected form.`,
    );
  }
  return parsed.data;
};

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
