import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createExchangeClock } from '../../lib/domain/exchange-time.ts';
import { createMarketData } from '../../lib/mexc/market-data.ts';
import { openSession } from '../../lib/mexc/session.ts';
import { channels } from '../../lib/mexc/stream/channels.ts';
import { openFeed } from '../../lib/mexc/stream/feed.ts';
import { createExchange, type Exchange, SIMULATOR_KEYS } from '../../lib/simulator/exchange.ts';
import { followBooks } from '../../lib/usecases/follow-books.ts';
import { fractions, wireTo } from '../support/account-world.ts';
import { SECOND, START } from '../support/stream-rig.ts';
import { streamWire } from '../support/stream-wire.ts';
import { virtualTimeline } from '../support/virtual-timeline.ts';

const SYMBOLS = Array.from({ length: 10 }, (_, n) => `S${n}USDT`);
/** What the exchange takes to answer for a book, beside the way there and back, ms. */
const ANSWERS_AFTER = 250;

type Fault = Extract<Parameters<Exchange['apply']>[0], { do: 'streamFault' }>['with'];

/** Ten books that are followed in virtual time, beside everything that they ever were at the exchange. */
const openBooks = (seed: number) => {
  const time = virtualTimeline(START);
  const random = fractions(seed);
  const market = createExchange({
    seed: `books ${seed}`,
    clock: time,
    limits: 'off',
    symbols: SYMBOLS.map((symbol, n) => ({
      symbol,
      baseAsset: symbol.slice(0, -4),
      lastPrice: String(10 + n),
      baseAssetPrecision: 2,
      quotePrecision: 2,
      quoteAssetPrecision: 2,
    })),
  });
  market.faults.add({ match: { path: '/api/v3/depth' }, kind: 'delay', ms: ANSWERS_AFTER });
  const exchangeClock = createExchangeClock(time.now);
  const session = openSession({
    baseUrl: 'http://exchange.invalid',
    credentials: async () => SIMULATOR_KEYS.read,
    clock: time,
    exchangeClock,
    random,
    setTimer: time.setTimer,
    dispatcher: wireTo(market, time, random, () => undefined),
  });
  /** ms that each book was stale, by what made it so. */
  const mended = new Map<string, number[]>();
  const because = new Map<string, string>();
  const log = {
    info: (message: string, { symbol, afterMs }: Readonly<Record<string, unknown>> = {}) => {
      if (message !== 'an order book is that of the exchange') return;
      const why = because.get(String(symbol)) ?? 'it was not read yet';
      mended.set(why, [...(mended.get(why) ?? []), Number(afterMs)]);
    },
    warn: (message: string, { symbol, why }: Readonly<Record<string, unknown>> = {}) => {
      if (message === 'an order book is stale') because.set(String(symbol), String(why));
    },
    error: () => {},
  };
  const names = new Map(SYMBOLS.map((symbol) => [channels.bookChanges(symbol), symbol]));
  const feed = openFeed({
    url: 'wss://exchange.invalid/ws',
    channels: [...names.keys()],
    clock: time,
    setTimer: time.setTimer,
    connect: streamWire(market, time).connect,
    log,
    random,
  });
  const books = followBooks({ channels: names, market: createMarketData(session), clock: time, log, random });
  const taking = (async () => {
    for await (const item of feed.items) books.take(item);
  })();

  const truth = new Map<string, unknown>();
  const note = (symbol: string): void => {
    const { reply } = market.step({
      method: 'GET',
      target: `/api/v3/depth?symbol=${symbol}&limit=5000`,
      headers: {},
    });
    assert.ok(reply !== 'drop' && reply.status === 200);
    const { lastUpdateId, bids, asks } = JSON.parse(String(reply.body));
    truth.set(`${symbol} ${lastUpdateId}`, { bids, asks });
  };
  const price = (symbol: string): string =>
    (10 + SYMBOLS.indexOf(symbol) + Math.floor(random() * 40) / 20).toFixed(2);
  const moves = (symbol: string): void => {
    if (random() < 0.3) {
      market.setPrice(symbol, price(symbol));
    } else {
      // Whole books of single levels, which come, go and come back.
      const side = (sign: number) =>
        Array.from({ length: 12 }, (_, n): [string, string] => [
          (10 + SYMBOLS.indexOf(symbol) + sign * (n + 1) * 0.05).toFixed(2),
          String(1 + Math.floor(random() * 3)),
        ]).filter(() => random() < 0.7);
      market.setBook(symbol, { bids: side(-1), asks: side(1) });
    }
    note(symbol);
  };

  let equal = 0;
  let stale = 0;
  const compared = new Map<string, bigint>();
  const compare = (): void => {
    for (const symbol of SYMBOLS) {
      const book = books.book(symbol, 5_000);
      assert.ok(book);
      if (!('version' in book)) {
        stale += 1;
        continue;
      }
      if (compared.get(symbol) === book.version) continue;
      compared.set(symbol, book.version);
      equal += 1;
      const rows = (side: typeof book.bids) =>
        side.map(({ price: at, quantity }) => [Number(at), Number(quantity)]);
      const known = truth.get(`${symbol} ${book.version}`);
      assert.ok(known, `${symbol} has a version that never was`);
      const { bids, asks } = known as { bids: [string, string][]; asks: [string, string][] };
      const numbers = (side: [string, string][]) => side.map((row) => row.map(Number));
      assert.deepEqual(
        { bids: rows(book.bids), asks: rows(book.asks) },
        { bids: numbers(bids), asks: numbers(asks) },
      );
    }
  };
  for (const symbol of SYMBOLS) note(symbol);

  return {
    time,
    market,
    random,
    books,
    mended,
    compared: () => ({ equal, stale }),
    fault: (fault: Fault) => market.apply({ do: 'streamFault', with: fault }),
    /** Lets the market move for so long, and compares at every move. */
    play: async (ms: number, between: () => void = () => {}) => {
      const until = time.now() + ms;
      while (time.now() < until) {
        moves(SYMBOLS[Math.floor(random() * SYMBOLS.length)] ?? '');
        between();
        await time.playTo(time.now() + 2 + random() * 20);
        compare();
      }
    },
    end: async () => {
      books.end();
      await time.finish(feed.close());
      await taking;
      await session.close();
    },
  };
};

test('a book is that of the exchange again within a second after a change was missing', async (t) => {
  const it = openBooks(1);
  await it.play(5 * SECOND);
  assert.deepEqual(it.books.stale(), []);

  let n = 0;
  while (n < 10) {
    const symbol = SYMBOLS[n % 10] ?? '';
    n += 1;
    it.fault(
      n % 3 === 0
        ? { kind: 'hold', match: { symbol, times: 1 }, after: 100, ms: 500 }
        : { kind: 'gap', match: { symbol, times: 1 } },
    );
    await it.play(2 * SECOND);
  }

  const waits = it.mended.get('a change is missing') ?? [];
  assert.equal(waits.length, 10);
  assert.ok(Math.max(...waits) < 1_000, `took ${Math.max(...waits)} ms`);
  t.diagnostic(`a book was mended after ${Math.min(...waits)} to ${Math.max(...waits)} ms`);
  await it.end();
});

test('ten books are those of the exchange or marked as stale, whatever the stream does', async (t) => {
  const it = openBooks(2);
  const faults: (() => Fault)[] = [
    () => ({ kind: 'gap', match: { times: 1 } }),
    () => ({ kind: 'gap', match: { times: 1 } }),
    () => ({ kind: 'hold', match: { times: 1 }, after: 1 + Math.floor(it.random() * 3) }),
    () => ({ kind: 'hold', match: { times: 1 }, after: 1 + Math.floor(it.random() * 30) }),
    () => ({ kind: 'repeat', match: { times: 1 }, copies: 2 }),
    () => ({ kind: 'delay', match: { times: 1 }, ms: 400 }),
    () => ({ kind: 'garbage', match: { times: 1 } }),
    () => ({ kind: 'cut', match: { times: 1 } }),
    () => ({ kind: 'unknown-field', match: { times: 1 } }),
  ];
  const rare: (() => Fault)[] = [
    () => ({ kind: 'drop', match: { times: 1 } }),
    () => ({ kind: 'silence', match: { times: 1 } }),
  ];
  await it.play(45 * SECOND, () => {
    const draw = it.random();
    const from = draw < 0.02 ? faults : draw < 0.021 ? rare : [];
    const fault = from[Math.floor(it.random() * from.length)]?.();
    if (fault) it.fault(fault);
  });
  await it.play(35 * SECOND);

  const { equal, stale } = it.compared();
  t.diagnostic(`${equal} books compared, ${stale} were stale`);
  assert.ok(equal > 2_000 && stale > 1_000);
  assert.deepEqual(it.books.stale(), []);
  await it.end();
});
