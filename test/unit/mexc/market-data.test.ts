import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FatalError, UnknownOutcomeError } from '../../../lib/domain/exchange-errors.ts';
import { createExchangeClock, estimateFrom } from '../../../lib/domain/exchange-time.ts';
import type { MarketData } from '../../../lib/domain/ports.ts';
import { createMarketData } from '../../../lib/mexc/market-data.ts';
import { openSession } from '../../../lib/mexc/session.ts';
import { ACCESS_KEY, type Answer, failure, manualClock, SECRET_KEY, startServer } from './support.ts';

const NOW = 1_767_204_700_000;

/** Market data from a server that always answers so. */
const serve = async (body: Answer['body'], now = Date.now()) => {
  const server = await startServer(() => ({ body }));
  const clock = manualClock(now);
  const exchangeClock = createExchangeClock(clock.now);
  exchangeClock.adopt(estimateFrom({ serverTime: now, sentAt: now, receivedAt: now }));
  const session = openSession({
    baseUrl: server.url,
    credentials: async () => ({ accessKey: ACCESS_KEY, secretKey: SECRET_KEY }),
    clock,
    exchangeClock,
  });
  return {
    data: createMarketData(session),
    within: { deadline: now + 2_000 },
    asked: () => server.requests.map(({ target }) => target),
    headers: () => server.requests[0]?.headers,
    close: async () => {
      await session.close();
      await server.close();
    },
  };
};

/** What a call makes of one answer. */
const answered = async <T>(
  body: Answer['body'],
  call: (data: MarketData, options: { deadline: number }) => Promise<T>,
  now?: number,
): Promise<T> => {
  const { data, within, close } = await serve(body, now);
  try {
    return await call(data, within);
  } finally {
    await close();
  }
};

const isUnreadable = async (
  body: Answer['body'],
  call: (data: MarketData, options: { deadline: number }) => Promise<unknown>,
): Promise<void> => {
  const error = await failure(answered(body, call));
  assert.ok(error instanceof UnknownOutcomeError && error.code === 'unreadable', JSON.stringify(body));
};

describe('candles', () => {
  const row = (openTime: number, closeTime = openTime + 300_000): unknown[] => [
    openTime,
    '87667.20',
    '87904.15',
    '87635.56',
    '87868.15',
    '72.17327432',
    closeTime,
    '6339710.08',
  ];
  const OPEN = 1_767_204_300_000;
  const query = { symbol: 'BTCUSDT', interval: '5m', limit: 500 } as const;

  test('are read from their eight columns', async () => {
    const [candle] = await answered([row(OPEN)], (data, options) => data.candles(query, options), NOW);

    assert.deepEqual(candle, {
      openTime: OPEN,
      closeTime: OPEN + 300_000,
      open: '87667.2',
      high: '87904.15',
      low: '87635.56',
      close: '87868.15',
      volume: '72.17327432',
      quoteVolume: '6339710.08',
      closed: true,
    });
  });

  test('are closed only when the exchange’s clock had surely passed their end as they were asked for', async () => {
    const closed = async (now: number) =>
      (await answered([row(OPEN)], (data, options) => data.candles(query, options), now)).map(
        (each) => each.closed,
      );

    assert.deepEqual(await closed(OPEN + 300_002), [true]);
    assert.deepEqual(await closed(OPEN + 300_000), [false]); // half a millisecond of doubt at least
    assert.deepEqual(await closed(OPEN + 100_000), [false]);
  });

  test('come ascending, each once, none outside the window', async () => {
    const rows = [3, 2, 2, 1, 4].map((n) => row(OPEN + n * 300_000));
    const candles = await answered(rows, (data, options) =>
      data.candles({ ...query, from: OPEN + 2 * 300_000, to: OPEN + 3 * 300_000 }, options),
    );

    assert.deepEqual(
      candles.map(({ openTime }) => (openTime - OPEN) / 300_000),
      [2, 3],
    );
  });

  test('are asked for with a window of which the end belongs to it', async () => {
    const { data, within, asked, close } = await serve([]);

    assert.deepEqual(await data.candles({ ...query, from: 10, to: 20, limit: 9_999 }, within), []);

    assert.deepEqual(asked(), [
      '/api/v3/klines?symbol=BTCUSDT&interval=5m&startTime=10&endTime=21&limit=500',
    ]);
    await close();
  });

  test('are not read when a column is missing or is no number', async () => {
    const whole = row(OPEN);
    const wrong = [
      whole.slice(0, 7),
      whole.with(4, null),
      whole.with(1, 'x'),
      whole.with(6, OPEN),
      whole.with(0, '1.5'),
      { open: '1' },
    ];
    for (const one of wrong) {
      await isUnreadable([whole, one], (data, options) => data.candles(query, options));
    }
    await isUnreadable({}, (data, options) => data.candles(query, options));
  });
});

test('an order book is read with its version, best prices first as they came', async () => {
  const { data, within, asked, headers, close } = await serve({
    lastUpdateId: 10_000_000_001,
    bids: [
      ['1.50', '10'],
      ['1.4', '2.0'],
    ],
    asks: [],
    timestamp: NOW,
  });

  assert.deepEqual(await data.orderBook('币安USDT', 9_999, within), {
    version: 10_000_000_001,
    bids: [
      { price: '1.5', quantity: '10' },
      { price: '1.4', quantity: '2' },
    ],
    asks: [],
  });
  assert.deepEqual(asked(), ['/api/v3/depth?symbol=%E5%B8%81%E5%AE%89USDT&limit=5000']);
  assert.equal(headers()?.['x-mexc-apikey'], undefined);
  await close();
});

test('an order book without a version, or with half a level, is not read', async () => {
  const call = (data: MarketData, options: { deadline: number }) => data.orderBook('A', 5, options);

  await isUnreadable({ bids: [], asks: [] }, call);
  await isUnreadable({ lastUpdateId: 1, bids: [['1']], asks: [] }, call);
  await isUnreadable({ lastUpdateId: 1, bids: [] }, call);
});

const TRADE = {
  id: null,
  price: '1.50',
  qty: '2',
  quoteQty: '3',
  time: NOW,
  isBuyerMaker: true,
  isBestMatch: true,
  tradeType: 'ASK',
};

test('trades are read with the side that took', async () => {
  const call = (data: MarketData, options: { deadline: number }) => data.trades('A', 10, options);

  const trades = await answered([TRADE, { ...TRADE, isBuyerMaker: false }], call);

  assert.deepEqual(trades[0], { price: '1.5', quantity: '2', quoteQuantity: '3', time: NOW, side: 'sell' });
  assert.equal(trades[1]?.side, 'buy');
  for (const name of ['price', 'qty', 'quoteQty', 'time', 'isBuyerMaker'])
    await isUnreadable([TRADE, { ...TRADE, [name]: null }], call);
});

test('prices of all symbols leave out what cannot be read', async () => {
  const rows = [
    { symbol: 'A', price: '1.10' },
    { symbol: 'B', price: null },
    { symbol: 'C', price: '2' },
  ];

  const prices = await answered(rows, (data, options) => data.prices(options));

  assert.deepEqual(
    [...prices],
    [
      ['A', '1.1'],
      ['C', '2'],
    ],
  );
});

test('of an answer about all symbols something must be readable', async () => {
  for (const body of [[], [{ symbol: 'A' }], {}, { symbol: 'A', price: '1' }]) {
    await isUnreadable(body, (data, options) => data.prices(options));
  }
});

const BOOK = { symbol: 'A', bidPrice: '1.0', bidQty: '5', askPrice: '1.1', askQty: '6' };

test('best prices are read for one symbol and for all; an empty side is absent', async () => {
  const empty = { symbol: 'B', bidPrice: '', bidQty: null, askPrice: '0', askQty: '0' };
  const full = {
    symbol: 'A',
    bid: { price: '1', quantity: '5' },
    ask: { price: '1.1', quantity: '6' },
  };

  assert.deepEqual(await answered(BOOK, (data, options) => data.bestPrices('A', options)), [full]);
  assert.deepEqual(await answered([BOOK, empty], (data, options) => data.bestPrices('all', options)), [
    full,
    { symbol: 'B' },
  ]);
});

test('best prices of one symbol must be of that symbol and whole', async () => {
  const call = (data: MarketData, options: { deadline: number }) => data.bestPrices('A', options);

  await isUnreadable({ ...BOOK, symbol: 'B' }, call);
  await isUnreadable({ ...BOOK, bidQty: '' }, call);
  await isUnreadable({ ...BOOK, askPrice: 'x' }, call);
  await isUnreadable([], call);
});

const DAY = {
  symbol: 'A',
  priceChange: '-1',
  priceChangePercent: '-0.0055',
  prevClosePrice: '2',
  lastPrice: '1.50',
  bidPrice: '1',
  bidQty: '',
  askPrice: '2',
  askQty: '',
  openPrice: '2',
  highPrice: '3',
  lowPrice: '1',
  volume: '100.0',
  quoteVolume: null,
  openTime: NOW,
  closeTime: NOW,
  count: null,
};

test('a day is read with its change as a ratio, though quote volume and sizes are missing', async () => {
  const call = (data: MarketData, options: { deadline: number }) => data.dayTickers('A', options);

  assert.deepEqual(await answered(DAY, call), [
    { symbol: 'A', last: '1.5', open: '2', high: '3', low: '1', change: '-0.0055', volume: '100' },
  ]);
  assert.equal((await answered({ ...DAY, quoteVolume: '150' }, call))[0]?.quoteVolume, '150');
  await isUnreadable({ ...DAY, lastPrice: '' }, call);
});

test('days of all symbols are asked for without a name', async () => {
  const { data, within, asked, close } = await serve([DAY, { ...DAY, symbol: 'B' }, { symbol: 'C' }]);

  const days = await data.dayTickers('all', within);

  assert.deepEqual(
    days.map(({ symbol }) => symbol),
    ['A', 'B'],
  );
  assert.deepEqual(asked(), ['/api/v3/ticker/24hr']);
  await close();
});

test('an empty name never becomes a question about all symbols', async () => {
  const { data, within, asked, close } = await serve([DAY]);

  await assert.rejects(data.dayTickers('', within), FatalError);
  await assert.rejects(data.bestPrices('', within), FatalError);
  await assert.rejects(data.orderBook('', 5, within), FatalError);

  assert.deepEqual(asked(), []);
  await close();
});
