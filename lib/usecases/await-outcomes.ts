import { earliest, type TimeEstimate } from '../domain/exchange-time.ts';
import { inDoubt } from '../domain/order-record.ts';
import type { CallOptions } from '../domain/ports.ts';
import type { Strategy } from '../domain/strategy.ts';
import { untilOf } from '../domain/timing.ts';
import type { Controlling } from './controlling.ts';
import { inParallel } from './reconcile-run.ts';

/** An attempt that may still come to be on the exchange. */
interface Doubt {
  readonly strategy: string;
  readonly order: string;
  readonly attempt: number;
  /** Exchange ms after which it cannot. */
  readonly until: number;
}

export interface Awaited {
  /** What is in doubt still; empty: nothing that was on its way can reach the exchange any more. */
  readonly doubts: readonly Doubt[];
  /** Whether the exchange's clock said so, where a clock was needed. */
  readonly clock: 'not needed' | 'measured' | 'not measured';
}

/** Pause between two looks at the orders in doubt, ms. */
const LOOK_PAUSE = 250;
const READS_AT_ONCE = 16;
/** One try to measure the exchange's clock, ms. */
const MEASURE_BUDGET = 2_500;
/** By how much the clock of the process that signed may have been wrong when nothing better is known, ms. */
const WRONG_CLOCK = 4_000;

/**
 * Waits until every attempt in flight is out of doubt or past its `until` (order protocol, 10.2). `unknown` is no outcome,
 * and no index is asked. Where the exchange's clock cannot be measured, the wait is longer than any signature lives
 * after the records were written, plus four seconds for a clock that was wrong when it was signed.
 * @param records as the operator's own writes left them: no admission commits after those
 */
export const awaitOutcomes = async (
  records: readonly Pick<Strategy, 'strategy' | 'inFlight'>[],
  control: Controlling,
  options: CallOptions,
): Promise<Awaited> => {
  const { clock, log } = control;
  const since = clock.now();
  let time: TimeEstimate | undefined;
  let asked = false;
  let doubts: readonly Doubt[] = records.flatMap(({ strategy, inFlight }) =>
    Object.entries(inFlight).map(([order, { attempt, until }]) => ({ strategy, order, attempt, until })),
  );
  for (;;) {
    doubts = doubts.filter(({ until }) => !isPast(until, since, clock.now(), time));
    doubts = await stillInDoubt(doubts, control, options);
    if (doubts.length === 0 || clock.now() + LOOK_PAUSE >= options.deadline) break;
    if (time) {
      await clock.sleep(LOOK_PAUSE);
      continue;
    }
    asked = true;
    try {
      const deadline = Math.min(options.deadline, clock.now() + MEASURE_BUDGET);
      time = await control.measureTime({ deadline });
    } catch (error) {
      log.warn('the clock of the exchange could not be measured', { error: String(error) });
      await clock.sleep(LOOK_PAUSE);
    }
  }
  return { doubts, clock: time ? 'measured' : asked ? 'not measured' : 'not needed' };
};

const isPast = (until: number, since: number, now: number, time: TimeEstimate | undefined): boolean =>
  time ? earliest(time, now) > until : now > untilOf(since) + WRONG_CLOCK && now > until + WRONG_CLOCK;

const stillInDoubt = async (
  doubts: readonly Doubt[],
  { ledger, log }: Controlling,
  options: CallOptions,
): Promise<readonly Doubt[]> => {
  const left = new Set(doubts);
  await inParallel(doubts, READS_AT_ONCE, async (doubt) => {
    try {
      const order = await ledger.order(doubt.order, options);
      const attempt = order?.attempts.find(({ n }) => n === doubt.attempt);
      if (attempt && !inDoubt(attempt)) left.delete(doubt);
    } catch (error) {
      // An order that cannot be read is in doubt until its time is over.
      log.warn('an order in flight could not be read', { order: doubt.order, error: String(error) });
    }
  });
  return doubts.filter((doubt) => left.has(doubt));
};
