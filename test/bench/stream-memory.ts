import { setImmediate as turn } from 'node:timers/promises';
import { channels, symbolIn } from '../../lib/mexc/stream/channels.ts';
import type { Connect } from '../../lib/mexc/stream/socket.ts';
import { openAccountWorld } from '../support/account-world.ts';
import { itemsOf } from '../support/plain-items.ts';
import { frameOf } from '../support/stream-frames.ts';
import { manyMarkets } from '../support/stream-markets.ts';
import { streamTasks } from '../support/stream-world.ts';
import type { VirtualTimeline } from '../support/virtual-timeline.ts';

// `node --expose-gc test/bench/stream-memory.ts [days]`: what one stream task holds after each day of a simulated week. Prices of
// 50 symbols every three seconds, as the exchange sends them; four alerts an hour and a run of the reconciler every five
// minutes, where a busy account has more; all connections of the account end every six hours.

const DAYS = Number(process.argv[2] ?? 7);
const SYMBOLS = 50;
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const START = Date.UTC(2026, 10, 16);
/** Reference section 11.3. */
const PRICE_EVERY = 3_000;
const LATENCY = 4;
/** Different prices of one symbol, which come again and again. */
const VARIANTS = 20;
const MEGABYTE = 2 ** 20;

const { markets, exchange } = manyMarkets(SYMBOLS);
const symbols = markets.map(({ symbol }) => symbol);

const framesOf = (symbol: string, price: number): readonly Uint8Array[] =>
  Array.from({ length: VARIANTS }, (_, n) =>
    frameOf({
      channel: channels.price(symbol),
      symbol,
      publicMiniTicker: {
        symbol,
        price: (price * (1 + n / 1_000)).toFixed(4),
        rate: '0.01',
        volume: '12345.6',
      },
    }),
  );

/** Plays the exchange where nothing but prices is asked for: the simulator takes a hundred times as long to think of them. */
const priceExchange = (time: VirtualTimeline): { readonly connect: Connect; readonly sent: () => number } => {
  const frames = new Map(markets.map(({ symbol, price }) => [symbol, framesOf(symbol, price)]));
  let sent = 0;
  const connect: Connect = (_url, on) => {
    const subscribed: string[] = [];
    let isOver = false;
    let ticks = 0;
    const later = (ms: number, run: () => void): void =>
      time.at(time.now() + ms, () => {
        if (!isOver) run();
      });
    const tick = (): void => {
      ticks += 1;
      for (const symbol of subscribed) {
        const frame = frames.get(symbol)?.[ticks % VARIANTS];
        if (frame) on.onBinary(frame);
        sent += 1;
      }
      later(PRICE_EVERY, tick);
    };
    later(LATENCY, on.onOpen);
    later(PRICE_EVERY, tick);
    return {
      send: (text) =>
        later(LATENCY, () => {
          const { method, params = [], id = 0 } = JSON.parse(text);
          if (method === 'SUBSCRIPTION') subscribed.push(...params.map(symbolIn));
          on.onText(JSON.stringify({ id, code: 0, msg: method === 'PING' ? 'PONG' : params.join() }));
        }),
      close: () => {
        isOver = true;
      },
    };
  };
  return { connect, sent: () => sent };
};

const world = await openAccountWorld({ seed: 'memory', start: START, symbols, exchange });
const { time, market, store } = world;
const prices = priceExchange(time);
const tasks = streamTasks({ world, symbols, seed: 1, watch: { item: () => {} }, prices: prices.connect });

const every = (ms: number, run: () => void): void => {
  const next = (): void => {
    run();
    time.at(time.now() + ms, next);
  };
  time.at(time.now() + ms, next);
};

let alerts = 0;
const alert = (): void => {
  const coin = markets[(alerts * 7) % markets.length];
  if (!coin) return;
  const { symbol, price } = coin;
  const below = { action: 'buy', type: 'limit', price: (price * 0.99).toFixed(4), quantity: '9' };
  const asked = [{ action: 'buy', quoteQuantity: '15' }, below, { action: 'close' }][alerts % 3];
  alerts += 1;
  market.setPrice(symbol, price.toFixed(4));
  void world.alert(`s-${alerts % 5}`, { symbol, ...asked });
  // What rests is filled a little later.
  time.at(time.now() + MINUTE, () => market.setPrice(symbol, (price * 0.985).toFixed(4)));
};

/** What the exchange and the tables keep of finished orders is no memory of the task. All connections of the account end by it. */
const forgetTheWorld = (): void => {
  const state = market.snapshot();
  const isOpen = ({ status }: { readonly status: string }): boolean =>
    status === 'NEW' || status === 'PARTIALLY_FILLED';
  const open = new Set(state.orders.filter(isOpen).map(({ orderId }) => orderId));
  market.restore({
    ...state,
    journal: [],
    orders: state.orders.filter(isOpen),
    trades: state.trades.filter(({ orderId }) => open.has(orderId)),
  });
  for (const { id, settled } of itemsOf(store, 'Orders'))
    if (settled === true)
      store.execute('DeleteItem', { TableName: 'Orders', Key: { id: { S: String(id) } } });
  for (const { symbol, tradeId } of itemsOf(store, 'Fills')) {
    const Key = { symbol: { S: String(symbol) }, tradeId: { S: String(tradeId) } };
    store.execute('DeleteItem', { TableName: 'Fills', Key });
  }
};

const held = async (): Promise<{ readonly heap: number; readonly rss: number }> => {
  for (let n = 0; n < 3; n += 1) {
    globalThis.gc?.();
    await turn();
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heap: (heapUsed + external) / MEGABYTE, rss: rss / MEGABYTE };
};

if (!globalThis.gc) throw new Error('start it with --expose-gc');
const task = tasks.start();
every(15 * MINUTE, alert);
every(5 * MINUTE, () => void world.reconcile());
every(6 * HOUR, () => void market.apply({ do: 'connections', with: { how: 'destroy' } }));

const days: { readonly heap: number; readonly rss: number }[] = [];
for (let day = 1; day <= DAYS; day += 1) {
  await time.playTo(START + day * 24 * HOUR - 30 * MINUTE);
  forgetTheWorld();
  await time.playTo(START + day * 24 * HOUR);
  const now = await held();
  days.push(now);
  if (!task.health().good) throw new Error('the task does not follow the account');
  console.error(
    `day ${day}: heap ${now.heap.toFixed(1)} MB, RSS ${now.rss.toFixed(1)} MB, ${prices.sent()} frames`,
  );
}
await time.finish(task.close());
const [first, last] = [days[0], days.at(-1)];
console.log(
  JSON.stringify({
    days,
    frames: prices.sent(),
    alerts,
    heap: last && first ? last.heap / first.heap : 1,
    rss: last && first ? last.rss / first.rss : 1,
  }),
);
