import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import * as z from 'zod';
import { StartError } from './start-error.ts';

/** Text to value, with sentences for errors; a token's text is never repeated in them. */
const json = (text: string, context: z.RefinementCtx): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue('must be JSON, e.g. {"demo":"demo-token"}');
    return z.NEVER;
  }
};

const Token = z.string('must be a token or a list of tokens').min(1, 'must not be empty');

const WebhookTokens = z
  .string()
  .transform(json)
  .pipe(
    z
      .record(
        z.string().min(1),
        z.union([Token, z.array(Token).min(1)], 'must be a token or a list of tokens'),
        'must be {strategy: token}',
      )
      .refine((tokens) => Object.keys(tokens).length > 0, 'must name at least one strategy'),
  );

const url = (protocol: RegExp, words: string) =>
  z.url({ protocol, error: words }).transform((text) => text.replace(/\/+$/, ''));

const Environment = z.object({
  PORT: z
    .string()
    .regex(/^\d{1,5}$/, 'must be a port number, 0 for a free one')
    .transform(Number)
    .refine((port) => port <= 65_535, 'must be a port number, 0 for a free one')
    .default(3000),
  MEXC_REST_URL: url(/^https?$/, 'must be an http or https address').optional(),
  MEXC_WS_URL: url(/^wss?$/, 'must be a ws or wss address').optional(),
  MEXC_TRADE_ACCESS_KEY: z.string().optional(),
  MEXC_TRADE_SECRET_KEY: z.string().optional(),
  MEXC_READ_ACCESS_KEY: z.string().optional(),
  MEXC_READ_SECRET_KEY: z.string().optional(),
  WEBHOOK_TOKENS: WebhookTokens.default({ demo: 'demo-token' }),
  ADMIN_TOKEN: z.string().optional(),
  READ_TOKEN: z.string().optional(),
  CONFIG: z
    .string()
    .transform((path) => resolve(path))
    .refine(existsSync, 'names a file that does not exist')
    .optional(),
  DATA_DIR: z
    .string()
    .default('.local')
    .transform((path) => resolve(path)),
  DYNAMODB_ENDPOINT: url(/^https?$/, 'must be an http or https address').optional(),
});

/** A key of the exchange, as the secret holds it. */
interface ExchangeKey {
  readonly accessKey: string;
  readonly secretKey: string;
}

/** How the local run is to be; the README says what each setting means. */
export interface LocalSettings {
  readonly port: number;
  /** Another exchange; undefined: the built-in simulator. */
  readonly restUrl: string | undefined;
  readonly wsUrl: string | undefined;
  /** Undefined: the simulator's. */
  readonly tradeKey: ExchangeKey | undefined;
  readonly readKey: ExchangeKey | undefined;
  readonly webhookTokens: Readonly<Record<string, string | readonly string[]>>;
  /** Undefined: made at the first start, then kept in the data directory. */
  readonly adminToken: string | undefined;
  readonly readToken: string | undefined;
  /** Configuration file instead of the context in cdk.json. */
  readonly config: string | undefined;
  readonly dataDir: string;
  /** A running DynamoDB engine; undefined: an own one. */
  readonly dynamodbEndpoint: string | undefined;
  /** An assembly to run instead of synthesizing one (tests). */
  readonly assembly?: string | undefined;
}

/**
 * Reads the settings from environment variables; an empty one counts as not set.
 * @throws StartError a sentence for each wrong setting, naming it
 */
export const readSettings = (variables: NodeJS.ProcessEnv): LocalSettings => {
  const given = Object.fromEntries(Object.entries(variables).filter(([, value]) => value !== ''));
  const parsed = Environment.safeParse(given);
  if (!parsed.success) {
    const sentences = parsed.error.issues.map(
      ({ path: [name, ...rest], message }) => `${[name, ...rest].map(String).join('.')} ${message}.`,
    );
    throw new StartError(sentences.join(' '));
  }
  const env = parsed.data;
  return {
    port: env.PORT,
    restUrl: env.MEXC_REST_URL,
    wsUrl: env.MEXC_WS_URL,
    tradeKey: keyPair('MEXC_TRADE', env.MEXC_TRADE_ACCESS_KEY, env.MEXC_TRADE_SECRET_KEY),
    readKey: keyPair('MEXC_READ', env.MEXC_READ_ACCESS_KEY, env.MEXC_READ_SECRET_KEY),
    webhookTokens: env.WEBHOOK_TOKENS,
    adminToken: env.ADMIN_TOKEN,
    readToken: env.READ_TOKEN,
    config: env.CONFIG,
    dataDir: env.DATA_DIR,
    dynamodbEndpoint: env.DYNAMODB_ENDPOINT,
  };
};

const keyPair = (
  prefix: string,
  accessKey: string | undefined,
  secretKey: string | undefined,
): ExchangeKey | undefined => {
  if (accessKey && secretKey) return { accessKey, secretKey };
  if (!accessKey && !secretKey) return undefined;
  throw new StartError(`${prefix}_${accessKey ? 'SECRET' : 'ACCESS'}_KEY is missing: a key has two parts.`);
};
