import { setTimeout as wait } from 'node:timers/promises';
import { createExchangeClock } from '../../../lib/domain/exchange-time.ts';
import { isTerminal, lacksFills } from '../../../lib/domain/facts.ts';
import type { Ledger } from '../../../lib/domain/ports.ts';
import { StrategySettings } from '../../../lib/domain/settings.ts';
import { createDynamo, type Tables } from '../../../lib/dynamo/client.ts';
import { createLedger } from '../../../lib/dynamo/ledger.ts';
import { createModes } from '../../../lib/dynamo/modes.ts';
import { createPace } from '../../../lib/dynamo/pace.ts';
import { createReadBudget } from '../../../lib/dynamo/read-budget.ts';
import { createRunLease } from '../../../lib/dynamo/run-lease.ts';
import { createTransferStore } from '../../../lib/dynamo/transfers.ts';
import { createExchange } from '../../../lib/mexc/client.ts';
import { openSession } from '../../../lib/mexc/session.ts';
import type { MexcCredentials } from '../../../lib/mexc/signing.ts';
import { PRIVATE_CHANNELS } from '../../../lib/mexc/stream/channels.ts';
import { openFeed } from '../../../lib/mexc/stream/feed.ts';
import { createListenKeys } from '../../../lib/mexc/stream/listen-keys.ts';
import { type Connect, connectByWebSocket } from '../../../lib/mexc/stream/socket.ts';
import { systemClock } from '../../../lib/runtime/clock.ts';
import { nonce } from '../../../lib/runtime/random.ts';
import { SIMULATOR_KEYS } from '../../../lib/simulator/accounts.ts';
import { acceptAlert } from '../../../lib/usecases/accept-alert.ts';
import { createCrowd } from '../../../lib/usecases/crowd.ts';
import { followStream } from '../../../lib/usecases/follow-stream.ts';

// Places resting orders, has the exchange end them one after the other, and prints how long it took from the first frame that told
// of it until the order was in the store as it is, ms: cancelled ones, and filled ones with their trades.
const [url = '', endpoint = '', tables = '', orders = ''] = process.argv.slice(2);
process.env.AWS_ENDPOINT_URL_DYNAMODB = endpoint;
process.env.AWS_REGION = 'local';
process.env.AWS_ACCESS_KEY_ID = 'local';
process.env.AWS_SECRET_ACCESS_KEY = 'local';

const names: Tables & { readonly balances: string } = JSON.parse(tables);
const dynamo = createDynamo(names, systemClock);
const log = { info: () => {}, warn: () => {}, error: console.error };
const exchangeClock = createExchangeClock(systemClock.now);

/** When the first frame came since this was last emptied. */
let heardAt: number | undefined;
const connect: Connect = (address, on) =>
  connectByWebSocket(address, {
    ...on,
    onBinary: (bytes) => {
      heardAt ??= performance.now();
      on.onBinary(bytes);
    },
  });

/** Told of every order that is ended in the store with all its trades. */
let ended: () => void = () => {};
const stored = createLedger(dynamo);
const ledger: Ledger = {
  ...stored,
  commit: async (change, options) => {
    const result = await stored.commit(change, options);
    const { order } = change;
    if (result.kind === 'committed' && isTerminal(order) && !lacksFills(order)) ended();
    return result;
  },
};

const sessionOf = (credentials: MexcCredentials) =>
  openSession({
    baseUrl: url,
    credentials: async () => credentials,
    clock: systemClock,
    exchangeClock,
    readBudget: createReadBudget(dynamo),
  });
const tradingOf = (session: ReturnType<typeof sessionOf>) => ({
  clock: systemClock,
  exchange: createExchange(session),
  exchangeClock,
  ledger,
  pace: createPace(dynamo),
  lease: createRunLease(dynamo),
  crowd: createCrowd(systemClock),
  waker: { wake: async () => {} },
  log,
  nonce,
  random: Math.random,
  settingsOf: () => StrategySettings.parse({}),
});

const read = sessionOf(SIMULATOR_KEYS.read);
const feed = openFeed({
  url: `${url.replace('http', 'ws')}/ws`,
  channels: [],
  private: createListenKeys(read),
  clock: systemClock,
  log,
  connect,
});
const following = followStream({
  trading: tradingOf(read),
  modes: createModes(dynamo),
  items: feed.items,
  privateChannels: PRIVATE_CHANNELS,
  symbols: ['SOLUSDT'],
  save: stored.saveStreamState,
  transfers: createTransferStore(dynamo, names.balances),
});
const trading = tradingOf(sessionOf(SIMULATOR_KEYS.trade));

const control = async (command: string, body: object): Promise<void> => {
  const answer = await fetch(`${url}/_simulator/${command}`, { method: 'POST', body: JSON.stringify(body) });
  if (!answer.ok) throw new Error(await answer.text());
};

/** A limit order that rests. @returns its id at the exchange */
const place = async (): Promise<string> => {
  const body = { token: 't', strategy: 'bench', time: Date.now(), symbol: 'SOLUSDT', action: 'buy', type: 'limit', quantity: '0.1', price: '140', id: nonce() }; // biome-ignore format: one alert
  const { status, body: said } = await acceptAlert(
    {
      contentType: 'application/json',
      authorization: undefined,
      body: Buffer.from(JSON.stringify(body)),
      arrival: Date.now(),
      sourceAddress: '127.0.0.1',
    },
    { allowedAddresses: undefined, authenticate: async () => ['t'] },
    trading,
  );
  const open = await trading.exchange.openOrders('SOLUSDT', { deadline: Date.now() + 5_000 });
  const [order] = open;
  if (status !== 200 || !order) throw new Error(`${status}: ${JSON.stringify(said)}`);
  return order.exchangeOrderId;
};

/** ms from the first frame to the store. */
const measure = async (end: (id: string) => Promise<void>): Promise<number> => {
  const id = await place();
  await wait(700); // what the placing caused is over
  const { promise, resolve } = Promise.withResolvers<void>();
  ended = resolve;
  heardAt = undefined;
  await end(id);
  await promise;
  return performance.now() - (heardAt ?? Number.NaN);
};

const times = async (end: (id: string) => Promise<void>): Promise<number[]> => {
  const all: number[] = [];
  for (let n = 0; n < Number(orders) + 2; n += 1) all.push(await measure(end));
  return all.slice(2); // the first ones run cold
};

const run = async (): Promise<never> => {
  while (!following.health().good) await wait(20);
  const cancelled = await times((orderId) => control('cancel', { orderId }));
  const filled = await times(async () => {
    await control('price', { symbol: 'SOLUSDT', price: '139' });
    await control('price', { symbol: 'SOLUSDT', price: '142.5' });
  });
  await feed.close();
  console.log(JSON.stringify({ cancelled, filled }));
  process.exit();
};
void run();
