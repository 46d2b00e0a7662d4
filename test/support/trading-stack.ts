import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import {
  createExchange,
  type Exchange,
  type ExchangeOptions,
  systemClock,
} from '../../lib/simulator/exchange.ts';
import { listen } from '../../lib/simulator/server.ts';
import { removeFolder, temporaryFolder } from './local-folders.ts';
import { type Local, startLocal } from './local-stack.ts';
import { type Answered, alertOf, deliverUntilTaken, readApi } from './webhook.ts';

const Report = z.object({ settled: z.record(z.string(), z.number()), unsettled: z.int(), failed: z.int() });
type Report = z.infer<typeof Report>;

/** The whole template beside an exchange that the test holds in its hands. */
export interface TradingStack extends Local {
  /** What the exchange does and says; its journal is the witness. */
  readonly market: Exchange;
  readonly restUrl: string;
  /** Delivers an alert of a strategy as TradingView does. */
  alert(strategy: string, id: string, fields: Readonly<Record<string, unknown>>): Promise<Answered>;
  /** Invokes reconcile-orders as the schedule does. */
  reconcile(): Promise<Report>;
  /** `GET /orders/{id}` of the order that an answer speaks of. */
  orderOf(answer: Answered): Promise<Answered['json']>;
}

export interface TradingOptions {
  /** Of the exchange, beside its clock. */
  readonly exchange: Omit<ExchangeOptions, 'clock'>;
  /** Settings by name; all of them have the token `demo-token`. */
  readonly strategies: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Whether the stream task runs too. @default false */
  readonly stream?: boolean;
  /** What the exchange's clock is ahead of the machine's, ms. @default 0 */
  readonly aheadMs?: number;
}

/** Starts both. Ends with `stop`. */
export const startTrading = async (options: TradingOptions): Promise<TradingStack> => {
  const { strategies, stream = false, aheadMs = 0 } = options;
  await using parts = new AsyncDisposableStack();
  const market = createExchange({ ...options.exchange, clock: systemClock });
  market.apply({ do: 'clock', with: { skewMs: aheadMs } });
  const server = parts.adopt(await listen(market), (it) => it.close());
  const folder = parts.adopt(temporaryFolder(), removeFolder);
  const local = parts.adopt(
    await startLocal({
      env: {
        MEXC_REST_URL: server.url,
        MEXC_WS_URL: `${server.url.replace('http', 'ws')}/ws`,
        CONFIG: configFile(folder, strategies, stream),
        WEBHOOK_TOKENS: tokensOf(strategies),
      },
    }),
    (it) => it.stop(),
  );
  const all = parts.move();
  return {
    ...local,
    market,
    restUrl: server.url,
    alert: (strategy, id, fields) => deliverUntilTaken(local, alertOf({ strategy, id, ...fields })),
    reconcile: async () => {
      const { error, payload } = await local.invoke('reconcile-orders', {});
      assert.ok(!error, payload);
      return Report.parse(JSON.parse(payload));
    },
    orderOf: async ({ json }) => (await readApi(local, `/orders/${json.id}`)).json,
    stop: () => all.disposeAsync(),
  };
};

/** A configuration of these strategies for the setting CONFIG. */
export const configFile = (
  folder: string,
  strategies: TradingOptions['strategies'],
  stream = false,
): string => {
  const path = join(folder, 'config.json');
  writeFileSync(
    path,
    JSON.stringify({ strategies, symbols: ['SOLUSDT', 'XRPUSDT'], stream: { enabled: stream } }),
  );
  return path;
};

/** The setting WEBHOOK_TOKENS for them. */
export const tokensOf = (strategies: TradingOptions['strategies']): string =>
  JSON.stringify(Object.fromEntries(Object.keys(strategies).map((name) => [name, 'demo-token'])));

/** Settings of so many strategies, by the names `s-0`, `s-1` … */
export const strategiesOf = (
  count: number,
  settings: (n: number) => Readonly<Record<string, unknown>> = () => ({}),
): Record<string, Readonly<Record<string, unknown>>> =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`s-${n}`, settings(n)]));
