import assert from 'node:assert/strict';
import { closeOf, firstOf, numberOf, openOf } from '../../lib/domain/candle-interval.ts';
import type { CandleStore } from '../../lib/domain/candle-ports.ts';
import { type CandleRange, isCandle, type Series } from '../../lib/domain/candle-window.ts';
import { AppError } from '../../lib/domain/errors.ts';
import { createExchangeClock } from '../../lib/domain/exchange-time.ts';
import { decimal, plain } from '../../lib/domain/money.ts';
import type { Clock, Log } from '../../lib/domain/ports.ts';
import { createCandleStore } from '../../lib/dynamo/candle-store.ts';
import { createReadBudget } from '../../lib/dynamo/read-budget.ts';
import { createCandleSource } from '../../lib/mexc/candle-source.ts';
import { openSession } from '../../lib/mexc/session.ts';
import { createExchange, type Exchange } from '../../lib/simulator/exchange.ts';
import type { LimitsInput } from '../../lib/simulator/limit-rules.ts';
import type { SymbolSetup } from '../../lib/simulator/symbols.ts';
import type { Candling } from '../../lib/usecases/learn-candles.ts';
import { chanceOf } from '../simulation/chance.ts';
import { createMachine, type Stops } from '../simulation/machine.ts';
import { connectStore } from '../simulation/store-port.ts';
import { createTimeline, type Timeline } from '../simulation/timeline.ts';
import { withBytes } from './candle-memory.ts';
import { candleWire } from './candle-wire.ts';
import { tableModels } from './engines.ts';
import { createMemoryDynamo, type MemoryDynamo } from './memory-dynamo/engine.ts';

/** A process that pulls candles, in a world of its own time. */
export interface CandleProcess {
  readonly candling: Candling;
  readonly clock: Clock;
  isDead(): boolean;
  end(): void;
}

export interface CandleWorld {
  readonly timeline: Timeline;
  readonly exchange: Exchange;
  readonly dynamo: MemoryDynamo;
  /** What lies in the store, for whoever checks: nothing of this world can disturb it. */
  readonly store: CandleStore;
  /** @param offset how far its clock is off, ms */
  process(options?: { readonly offset?: number; readonly stops?: Stops }): CandleProcess;
  /** Lets time go on until this has come about; what it rejects with is thrown. */
  until<Result>(result: Promise<Result>): Promise<Result>;
  /** Lets time go on until a moment, epoch ms. */
  reach(time: number): Promise<void>;
}

const SILENT: Log = { info: () => undefined, warn: () => undefined, error: () => undefined };

export const openCandleWorld = async (setup: {
  readonly seed: number;
  readonly start: number;
  readonly symbols: readonly SymbolSetup[];
  readonly limits?: LimitsInput;
}): Promise<CandleWorld> => {
  const timeline = createTimeline(setup.start);
  const exchange = createExchange({ ...setup, clock: timeline });
  const dynamo = createMemoryDynamo(timeline, await tableModels());
  const chance = chanceOf(String(setup.seed));
  let started = 0;

  const process: CandleWorld['process'] = ({ offset = 0, stops = () => undefined } = {}) => {
    started += 1;
    const name = `process ${started}`;
    const own = chance.stream(name);
    const machine = createMachine(name, timeline, { offset, ppm: 20 }, stops);
    const store = withBytes(connectStore(machine, dynamo, timeline, own.stream('store'), () => undefined));
    const exchangeClock = createExchangeClock(machine.clock.now);
    const random = own.stream('random');
    const session = openSession({
      baseUrl: 'http://exchange.invalid',
      credentials: () => Promise.reject(new AppError('no_key', 'candles need no key')),
      clock: machine.clock,
      exchangeClock,
      readBudget: createReadBudget(store),
      random: () => random.fraction(),
      setTimer: machine.setTimer,
      dispatcher: candleWire(machine, timeline, exchange),
    });
    return {
      clock: machine.clock,
      isDead: machine.isDead,
      end: machine.end,
      candling: {
        store: watched(createCandleStore(store, 'Candles'), timeline),
        source: createCandleSource(session, exchangeClock),
        clock: machine.clock,
        log: SILENT,
      },
    };
  };
  const reach = async (time: number): Promise<void> => {
    let reached = false;
    timeline.at(time, () => {
      reached = true;
    });
    await timeline.play(() => !reached);
  };
  const observer = createMachine('observer', timeline, { offset: 0, ppm: 0 }, () => undefined);
  const seen = connectStore(observer, dynamo, timeline, chance.stream('observer'), () => undefined);
  return {
    timeline,
    exchange,
    dynamo,
    store: createCandleStore(withBytes(seen), 'Candles'),
    process,
    reach,
    until: async (result) => {
      let ended = false;
      void result.then(
        () => {
          ended = true;
        },
        () => {
          ended = true;
        },
      );
      await timeline.play(() => !ended);
      assert.ok(ended, 'nothing happens any more');
      return result;
    },
  };
};

/** Nothing that is written was still forming at that moment. */
const watched = (store: CandleStore, timeline: Timeline): CandleStore => ({
  ...store,
  save: (window, options) => {
    for (const [n, slot] of window.slots.entries())
      if (isCandle(slot)) {
        const closes = closeOf(window.interval, firstOf(window.window) + n);
        assert.ok(closes <= timeline.now(), `${window.symbol} ${window.interval} stored a forming candle`);
      }
    return store.save(window, options);
  },
});

/** What the exchange itself has to say about candles, as they are kept, past all faults and limits. */
export const askTruth = ({ exchange, timeline }: Pick<CandleWorld, 'exchange' | 'timeline'>) => {
  const truth = createExchange({ seed: 0, clock: timeline, state: { ...exchange.snapshot(), journal: [] } });
  truth.apply({ do: 'faultsCleared', with: {} });
  truth.apply({ do: 'limits', with: { limits: 'off' } });
  truth.apply({ do: 'candleForm', with: { strayRows: 0 } });
  /** Amounts of the candles of a range by number. */
  return ({ symbol, interval }: Series, { first, end }: CandleRange) => {
    const rows = new Map<number, readonly string[]>();
    for (let at = first; at < end; at += 400) {
      const from = openOf(interval, at);
      const to = openOf(interval, Math.min(end, at + 400)) - 1;
      const target = `/api/v3/klines?symbol=${symbol}&interval=${interval}&startTime=${from}&endTime=${to}&limit=500`;
      const { reply } = truth.step({ method: 'GET', target, headers: {}, address: 'truth' });
      assert.ok(reply !== 'drop' && reply.status === 200);
      for (const [openTime, open, high, low, close, volume, , quoteVolume] of JSON.parse(String(reply.body)))
        rows.set(
          numberOf(interval, openTime),
          [open, high, low, close, volume, quoteVolume].map((text) => plain(decimal(text))),
        );
    }
    return rows;
  };
};
