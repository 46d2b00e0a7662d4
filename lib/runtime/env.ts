import * as z from 'zod';
import { AppError } from '../domain/errors.ts';

const name = z.string().min(1);

const tables = {
  ORDERS_TABLE: name,
  STRATEGIES_TABLE: name,
  POSITIONS_TABLE: name,
  SYMBOLS_TABLE: name,
  FILLS_TABLE: name,
  CONTROL_TABLE: name,
};

/** Environment of `place-order`: names only, never a secret. */
export const PlaceOrderEnv = z.object({
  ...tables,
  /** Name of the secret with the exchange's trade key, `{accessKey, secretKey}`. */
  TRADE_KEY_SECRET: name,
  /** Name of the secret with the webhook tokens, `{strategy: token | token[]}`. */
  WEBHOOK_TOKENS_SECRET: name,
  MEXC_REST_URL: z.url(),
  /** Name of `reconcile-orders`, to be invoked for a lane. */
  RECONCILE_FUNCTION: name,
});

/** Environment of `reconcile-orders`. */
export const ReconcileOrdersEnv = z.object({
  ...tables,
  TRADE_KEY_SECRET: name,
  MEXC_REST_URL: z.url(),
});

/** Environment of `read-state`. */
export const ReadStateEnv = z.object({
  ...tables,
  BALANCES_TABLE: name,
  PROFIT_TABLE: name,
  CANDLES_TABLE: name,
  /** Name of the secret with the read token, as plain text. */
  READ_TOKEN_SECRET: name,
});

/** Environment of `snapshot-balances`. */
export const SnapshotBalancesEnv = z.object({
  ...tables,
  BALANCES_TABLE: name,
  PROFIT_TABLE: name,
  /** Name of the secret with the exchange's read key, `{accessKey, secretKey}`. */
  READ_KEY_SECRET: name,
  MEXC_REST_URL: z.url(),
});

/** Environment of `pull-klines`. */
export const PullKlinesEnv = z.object({
  ...tables,
  CANDLES_TABLE: name,
  MEXC_REST_URL: z.url(),
});

/** Environment of `control`. */
export const ControlEnv = z.object({
  ...tables,
  BALANCES_TABLE: name,
  /** Name of the secret with the admin token, as plain text. */
  ADMIN_TOKEN_SECRET: name,
  /** Name of the secret with the webhook tokens: who has one is a strategy. */
  WEBHOOK_TOKENS_SECRET: name,
  MEXC_REST_URL: z.url(),
  /** Name of `reconcile-orders`, which carries commands out. */
  RECONCILE_FUNCTION: name,
});

/** Environment of `stream`. */
export const StreamEnv = z.object({
  ...tables,
  BALANCES_TABLE: name,
  READ_KEY_SECRET: name,
  MEXC_REST_URL: z.url(),
  MEXC_WS_URL: z.url(),
  /** Name of `reconcile-orders`, to be invoked for a lane. */
  RECONCILE_FUNCTION: name,
  /** Port of the container that `/health` is asked for on. */
  HEALTH_PORT: z.coerce.number<string>().int().min(1).max(65_535),
});

/** What infra must set for an entry point: a missing or misspelt variable is a compile error there. */
export type EnvironmentOf<Schema extends z.ZodType> = { [Key in keyof z.input<Schema>]: string };

/**
 * Reads the environment once per cold start.
 * @throws AppError `environment` naming every missing or wrong variable
 */
export const readEnv = <Schema extends z.ZodType>(
  schema: Schema,
  variables: NodeJS.ProcessEnv = process.env,
): z.output<Schema> => {
  const parsed = schema.safeParse(variables);
  if (!parsed.success) throw new AppError('environment', `environment: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
};
