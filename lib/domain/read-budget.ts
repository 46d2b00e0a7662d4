/**
 * The exchange's budget for everything but orders (reference section 6), kept a little below its limits and over a little
 * longer windows, because requests do not arrive as evenly as they leave: eight reads a second, 300 weight in ten seconds, two
 * `account` a second.
 */
const CALLS = 8;
const ACCOUNTS = 2;
const CALLS_WINDOW_MS = 1_250;
const WEIGHT = 270;
const WEIGHT_WINDOW_MS = 11_000;
/** Weights are added up by second, and count until their second has left the window. */
const SECOND_MS = 1_000;
/** Nothing leaves further ahead than this, ms: a time beyond it means that the local clock was set back. */
const FURTHEST_MS = 20_000;

/** What one read, or a few that leave together, need. */
export interface ReadNeed {
  readonly calls: number;
  /** Of each call. */
  readonly weight: number;
  /** Whether it is `account`. */
  readonly account: boolean;
}

/** What has left or is about to, oldest first; local epoch ms. */
export interface ReadUse {
  /** The last reads. */
  readonly calls: readonly number[];
  readonly accounts: readonly number[];
  /** Weight by second: the second's start, and what left in it. */
  readonly weights: readonly (readonly [second: number, weight: number])[];
}

export const NOTHING_USED: ReadUse = { calls: [], accounts: [], weights: [] };

/** When reads with this need may leave: `now` or later. */
export const mayLeaveAt = (use: ReadUse, need: ReadNeed, now: number): number => {
  const isSane = (at: number): boolean => at <= now + FURTHEST_MS;
  const afterLast = (times: readonly number[], most: number, more: number): number => {
    const oldest = times.filter(isSane).at(-(most - more + 1));
    return oldest === undefined ? now : oldest + CALLS_WINDOW_MS;
  };
  return Math.max(
    now,
    afterLast(use.calls, CALLS, Math.min(need.calls, CALLS)),
    need.account ? afterLast(use.accounts, ACCOUNTS, 1) : now,
    roomFor(
      use.weights.filter(([second]) => isSane(second)),
      need.calls * need.weight,
      now,
    ),
  );
};

/** When so much weight may leave. What alone exceeds the budget leaves once nothing else counts. */
const roomFor = (weights: ReadUse['weights'], weight: number, now: number): number => {
  const left = weights.map(([second, used]) => [second + SECOND_MS + WEIGHT_WINDOW_MS, used] as const);
  let used = left.reduce((sum, [until, each]) => (until > now ? sum + each : sum), 0);
  let at = now;
  for (const [until, each] of left) {
    if (used + weight <= WEIGHT) return at;
    if (until <= now) continue;
    used -= each;
    at = until;
  }
  return at;
};

/** The budget after reads that left at `at`, even if that was sooner than they should. */
export const afterLeaving = (use: ReadUse, need: ReadNeed, at: number): ReadUse => {
  const isSane = (time: number): boolean => time <= at + FURTHEST_MS;
  const added = (times: readonly number[], count: number, most: number): number[] => {
    const all = times.filter(isSane);
    const isLast = (all.at(-1) ?? at) <= at;
    for (let n = 0; n < count; n += 1) all.push(at);
    if (!isLast) all.sort((a, b) => a - b);
    return all.length > most ? all.slice(-most) : all;
  };
  return {
    calls: added(use.calls, need.calls, CALLS),
    accounts: need.account ? added(use.accounts, 1, ACCOUNTS) : use.accounts,
    weights: need.weight === 0 ? use.weights : weightsAfter(use.weights, need.calls * need.weight, at),
  };
};

const weightsAfter = (before: ReadUse['weights'], weight: number, at: number): ReadUse['weights'] => {
  const isSane = (time: number): boolean => time <= at + FURTHEST_MS;
  const second = at - (at % SECOND_MS);
  // What leaves later than others must not make them forget what counts for them.
  const oldest = at - FURTHEST_MS - SECOND_MS - WEIGHT_WINDOW_MS;
  const weights = new Map(before.filter(([each]) => isSane(each) && each > oldest));
  weights.set(second, (weights.get(second) ?? 0) + weight);
  return [...weights].sort(([a], [b]) => a - b);
};
