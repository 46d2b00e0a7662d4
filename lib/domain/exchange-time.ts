/** One `GET /api/v3/time`, all in milliseconds: the exchange's clock between two readings of the local one. */
export interface TimeSample {
  readonly serverTime: number;
  readonly sentAt: number;
  readonly receivedAt: number;
}

/** What is known of the exchange's clock. `exchange time = local + offset ± uncertainty`. */
export interface TimeEstimate {
  /** Milliseconds to add to the local clock. */
  readonly offset: number;
  /** Half the round trip of the best sample + 1 ms, and 250 ms more when another machine measured it. */
  readonly uncertainty: number;
  /** Local clock at the measurement, milliseconds. */
  readonly measuredAt: number;
  /** True when this very process measured it: only then may it prove anything (order protocol, section 2). */
  readonly own: boolean;
}

/** A foreign machine's clock may differ from ours by this much on top of its own uncertainty. */
const FOREIGN_CLOCK_MS = 250;
/** Quartz drift that is allowed for: 100 parts per million of the measurement's age. */
const DRIFT = 100e-6;

/** The estimate that one sample gives: offset against the midpoint of sending and receiving. */
export const estimateFrom = (sample: TimeSample): TimeEstimate => ({
  offset: sample.serverTime - (sample.sentAt + sample.receivedAt) / 2,
  uncertainty: (sample.receivedAt - sample.sentAt) / 2 + 1,
  // The exchange may have read its clock as early as that, so drift counts from there.
  measuredAt: sample.sentAt,
  own: true,
});

/** The same estimate as another process may use it: to choose a timestamp, never to prove. */
export const borrowed = (estimate: Omit<TimeEstimate, 'own'>): TimeEstimate => ({
  ...estimate,
  uncertainty: estimate.uncertainty + FOREIGN_CLOCK_MS,
  own: false,
});

/** Uncertainty *u* at local time `now`, milliseconds. */
export const uncertaintyAt = (estimate: TimeEstimate, now: number): number =>
  estimate.uncertainty + Math.abs(now - estimate.measuredAt) * DRIFT;

/** Earliest exchange time it can be at local time `now`: the only time that is ever signed. */
export const earliest = (estimate: TimeEstimate, now: number): number =>
  Math.floor(now + estimate.offset - uncertaintyAt(estimate, now));

/** Latest exchange time it can be at local time `now`. */
export const latest = (estimate: TimeEstimate, now: number): number =>
  Math.ceil(now + estimate.offset + uncertaintyAt(estimate, now));

/** The surer of two estimates at local time `now`. */
export const surer = (
  a: TimeEstimate | undefined,
  b: TimeEstimate | undefined,
  now: number,
): TimeEstimate | undefined => {
  if (!a || !b) return a ?? b;
  return uncertaintyAt(a, now) <= uncertaintyAt(b, now) ? a : b;
};

/** This process's knowledge of the exchange's clock; it only ever gets surer. */
export interface ExchangeClock {
  estimate(): TimeEstimate | undefined;
  /** Takes the estimate over when it is surer than what is known. */
  adopt(estimate: TimeEstimate): void;
  /** Forgets everything: after the exchange refused a timestamp, what was known is wrong. */
  forget(): void;
}

/** @param now local clock, milliseconds */
export const createExchangeClock = (now: () => number): ExchangeClock => {
  let known: TimeEstimate | undefined;
  return {
    estimate: () => known,
    adopt: (estimate) => {
      known = surer(known, estimate, now());
    },
    forget: () => {
      known = undefined;
    },
  };
};
