import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { CREDENTIALS, REGION } from '../../infra/local/aws.ts';
import { startEngine } from '../../infra/local/dynamo-engine.ts';
import { createTables } from '../../infra/local/dynamo-tables.ts';
import { createExchangeClock } from '../../lib/domain/exchange-time.ts';
import type { Pace } from '../../lib/domain/ports.ts';
import type { StrategySettings } from '../../lib/domain/settings.ts';
import { type Dynamo, TRANSLATION } from '../../lib/dynamo/client.ts';
import { createLedger } from '../../lib/dynamo/ledger.ts';
import { createModes } from '../../lib/dynamo/modes.ts';
import { createPace } from '../../lib/dynamo/pace.ts';
import { createReadBudget } from '../../lib/dynamo/read-budget.ts';
import { createRunLease } from '../../lib/dynamo/run-lease.ts';
import { createMexcClient } from '../../lib/mexc/client.ts';
import { systemClock } from '../../lib/runtime/clock.ts';
import { nonce } from '../../lib/runtime/random.ts';
import { createExchange, type Exchange, SIMULATOR_KEYS } from '../../lib/simulator/exchange.ts';
import { listen } from '../../lib/simulator/server.ts';
import { type Answer, acceptAlert } from '../../lib/usecases/accept-alert.ts';
import { createCrowd } from '../../lib/usecases/crowd.ts';
import { type ReconcileReport, reconcileOrders } from '../../lib/usecases/reconcile-orders.ts';
import { sharedReads } from '../../lib/usecases/shared-reads.ts';
import type { Trading } from '../../lib/usecases/trading.ts';
import { settings } from './builders.ts';
import { tableModels } from './engines.ts';
import { removeFolder, temporaryFolder } from './local-folders.ts';
import { alertOf } from './webhook.ts';

/** Time of one run of reconcile-orders, ms. */
const RUN_TIME = 56_000;
const TICKET_MS = 100;

/** The order path without functions around it: the use cases on the embedded engine, the exchange over HTTP. */
export interface UseCaseRig {
  readonly market: Exchange;
  /** Address of the engine. */
  readonly endpoint: string;
  /** What was logged as an error. */
  readonly errors: readonly string[];
  /**
   * A process of its own that takes alerts as place-order does, with send tickets of its own: out of those that all share,
   * a ledger of hundreds of orders would take as many tenths of a second.
   */
  placer(): (alert: Readonly<Record<string, unknown>>) => Promise<Answer>;
  /** One run as the schedule makes it, in a fresh process with everything that a function has. */
  reconcile(): Promise<ReconcileReport>;
  stop(): Promise<void>;
}

/** @param own settings of every strategy that differ from the defaults */
export const startUseCases = async (seed: string, own: Partial<StrategySettings>): Promise<UseCaseRig> => {
  await using parts = new AsyncDisposableStack();
  const market = createExchange({ seed, clock: systemClock, limits: 'off' });
  const server = parts.adopt(await listen(market), (it) => it.close());
  const dataDir = parts.adopt(temporaryFolder(), removeFolder);
  const engine = parts.adopt(await startEngine({ dataDir, dynamodbEndpoint: undefined }, () => {}), (it) =>
    it.stop(),
  );
  await createTables(engine.endpoint, await tableModels());
  const dynamo = connect(engine.endpoint);
  parts.defer(() => dynamo.client.destroy());
  const clients = parts.use(new AsyncDisposableStack());
  const errors: string[] = [];
  const settingsOf = () => settings(own);

  const process = (options: { readonly shared: boolean; readonly pace: Pace }): Trading => {
    const exchangeClock = createExchangeClock(systemClock.now);
    const client = createMexcClient({
      baseUrl: server.url,
      credentials: async () => SIMULATOR_KEYS.trade,
      clock: systemClock,
      exchangeClock,
      ...(options.shared && { readBudget: createReadBudget(dynamo) }),
    });
    clients.defer(() => client.close());
    return {
      clock: systemClock,
      exchange: sharedReads(client, systemClock),
      exchangeClock,
      ledger: createLedger(dynamo),
      pace: options.pace,
      lease: createRunLease(dynamo),
      crowd: createCrowd(systemClock),
      waker: { wake: async () => {} },
      log: {
        info: () => {},
        warn: () => {},
        error: (message, details) => errors.push(`${message} ${JSON.stringify(details)}`),
      },
      nonce,
      random: Math.random,
      settingsOf,
    };
  };
  const all = parts.move();
  return {
    market,
    endpoint: engine.endpoint,
    errors,
    placer: () => {
      const trading = process({ shared: false, pace: ownPace() });
      return (alert) => {
        const arrival = Date.now();
        const body = Buffer.from(alertOf(alert));
        const delivery = { contentType: 'application/json', authorization: undefined, body, arrival };
        return acceptAlert({ ...delivery, sourceAddress: '127.0.0.1' }, EVERYBODY, trading);
      };
    },
    reconcile: () =>
      reconcileOrders(
        { woken: false, symbols: ['SOLUSDT', 'XRPUSDT'], modes: createModes(dynamo) },
        process({ shared: true, pace: createPace(dynamo) }),
        { deadline: Date.now() + RUN_TIME },
      ),
    stop: () => all.disposeAsync(),
  };
};

/** Send tickets of one process alone, as many as its own budget of orders allows. */
const ownPace = (): Pace => {
  let next = 0;
  return {
    ticket: async () => {
      next = Math.max(Date.now(), next + TICKET_MS);
      return next;
    },
    pause: async () => {},
  };
};

const EVERYBODY = { allowedAddresses: undefined, authenticate: async () => ['demo-token'] };

const connect = (endpoint: string): Dynamo => {
  // As in a function: address and credentials come from the environment.
  process.env.AWS_ENDPOINT_URL_DYNAMODB = endpoint;
  process.env.AWS_REGION = REGION;
  process.env.AWS_ACCESS_KEY_ID = CREDENTIALS.accessKeyId;
  process.env.AWS_SECRET_ACCESS_KEY = CREDENTIALS.secretAccessKey;
  const tables = {
    orders: 'Orders',
    strategies: 'Strategies',
    positions: 'Positions',
    symbols: 'Symbols',
    fills: 'Fills',
    control: 'Control',
  };
  // Without the deployed one's short timeouts: one machine plays all the parts.
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({}), TRANSLATION);
  return { client, tables, clock: systemClock };
};
