import * as z from 'zod';
import type { CandleSource, Offline } from '../domain/candle-ports.ts';
import { type ExchangeClock, earliest } from '../domain/exchange-time.ts';
import { type Call, publicGet, range } from './calls.ts';
import { readCandleRows } from './candle-rows.ts';
import type { MexcSession } from './session.ts';
import type { QueryParameters } from './signing.ts';
import { absentable, readWire, WireInteger, WireText } from './wire.ts';

/** Reference section 7.1, its envelope already opened: state 2 is suspended, 3 delisted. */
const OfflineSymbols = z.array(
  z.object({ symbol: WireText, state: WireInteger, offlineTime: absentable(WireInteger) }),
);

const OFFLINE: Call = {
  method: 'GET',
  path: '/api/v3/symbol/offline',
  parameters: [],
  signed: false,
  need: { kind: 'read', weight: 10, calls: 1 },
  priority: 'bulk',
};

/** Of one answer (reference section 7.5). */
const MOST_CANDLES = 500;

/** A measurement older than this is made again, ms: clocks are also set by hand. */
const MEASURED_FOR = 10 * 60_000;

/** Candles and what explains their lack, over connections and budget that others share. Needs no key. */
export const createCandleSource = (session: MexcSession, exchangeClock: ExchangeClock): CandleSource => {
  const { caller, clock } = session;
  return {
    candles: async ({ symbol, interval, limit, ...window }, options) => {
      const { from = 0, to = Number.MAX_SAFE_INTEGER } = window;
      const time = await caller.knownTime({ priority: 'bulk', ...options });
      const parameters: QueryParameters = [
        ['symbol', symbol],
        ['interval', interval],
        // Whether the end belongs to the window is not documented: with one more millisecond it does.
        ...range({ from, to: to + 1, limit }, MOST_CANDLES),
      ];
      const { data, sentAt } = await caller.read(publicGet('/api/v3/klines', parameters, 'bulk'), options);
      const asOf = earliest(time, sentAt);
      return readCandleRows(data, from, to).map((row) => ({ ...row, closed: row.closeTime <= asOf }));
    },
    time: async (options) => {
      const known = exchangeClock.estimate();
      const isFresh = known?.own && Math.abs(clock.now() - known.measuredAt) < MEASURED_FOR;
      const estimate = isFresh ? known : await caller.measureTime({ priority: 'bulk', ...options });
      return earliest(estimate, clock.now());
    },
    offline: async (options) => {
      const { data } = await caller.read(OFFLINE, options);
      return new Map(
        readWire(OfflineSymbols, data, 'symbol/offline').flatMap(({ symbol, state, offlineTime }) => {
          if (state !== 2 && state !== 3) return [];
          const offline: Offline = {
            state: state === 2 ? 'suspended' : 'delisted',
            ...(offlineTime !== undefined && { since: offlineTime }),
          };
          return [[symbol, offline] as const];
        }),
      );
    },
  };
};
