import { createExchangeClock } from '../../../lib/domain/exchange-time.ts';
import { createDynamo } from '../../../lib/dynamo/client.ts';
import { createLedger } from '../../../lib/dynamo/ledger.ts';
import { createModes } from '../../../lib/dynamo/modes.ts';
import { createPace } from '../../../lib/dynamo/pace.ts';
import { createRunLease } from '../../../lib/dynamo/run-lease.ts';
import { createExchange } from '../../../lib/mexc/client.ts';
import { createMarketData } from '../../../lib/mexc/market-data.ts';
import { openSession } from '../../../lib/mexc/session.ts';
import { channels as names } from '../../../lib/mexc/stream/channels.ts';
import { openFeed } from '../../../lib/mexc/stream/feed.ts';
import { systemClock } from '../../../lib/runtime/clock.ts';
import { nonce } from '../../../lib/runtime/random.ts';
import { createCrowd } from '../../../lib/usecases/crowd.ts';
import { followBooks } from '../../../lib/usecases/follow-books.ts';
import { followStream } from '../../../lib/usecases/follow-stream.ts';
import {
  books as bookSymbols,
  channels,
  exchangeUrl,
  measureStream,
  streamUrl,
  symbolNames,
} from './stream-loop.ts';

// The task as functions/stream.ts builds it, without an account: nothing is stored but its heartbeat, which is thrown away.
const log = { info: () => {}, warn: () => {}, error: console.error };
const random = Math.random;
const exchangeClock = createExchangeClock(systemClock.now);
const session = openSession({
  baseUrl: exchangeUrl,
  credentials: () => Promise.reject(new Error('nothing is signed')),
  clock: systemClock,
  exchangeClock,
});
const tables = { orders: 'Orders', strategies: 'Strategies', positions: 'Positions', symbols: 'Symbols', fills: 'Fills', control: 'Control' }; // biome-ignore format: names
const dynamo = createDynamo(tables, systemClock);
const feed = openFeed({ url: streamUrl, channels, clock: systemClock, log });
const books = followBooks({
  channels: new Map(bookSymbols.map((symbol) => [names.bookChanges(symbol), symbol])),
  market: createMarketData(session),
  clock: systemClock,
  log,
  random,
});
const unused = (): never => {
  throw new Error('there is no account');
};
followStream({
  trading: {
    clock: systemClock,
    exchange: createExchange(session),
    exchangeClock,
    ledger: createLedger(dynamo),
    pace: createPace(dynamo),
    lease: createRunLease(dynamo),
    crowd: createCrowd(systemClock),
    waker: { wake: unused },
    log,
    nonce,
    random,
    settingsOf: unused,
  },
  modes: createModes(dynamo),
  items: feed.items,
  privateChannels: [],
  symbols: symbolNames,
  books,
  save: async () => {},
  transfers: { save: unused },
});

void measureStream({
  frames: () => feed.health().frames,
  upToDate: () => feed.health().waiting === 0 && books.stale().length === 0,
  bestBid: (symbol) => {
    const book = books.book(symbol, 1);
    return book && 'version' in book ? book.bids[0]?.price : undefined;
  },
});
