/** Something that may never happen, and did. */
export interface Violation {
  readonly invariant: Invariant;
  readonly message: string;
  /** True time, ms after the start; absent when it was found at the end. */
  readonly at?: number;
}

/** Everything that is checked, by name: of every committed write, and at the end of every world. */
export const INVARIANTS = {
  // Order protocol, section 3, of every committed state.
  'doubt-holds-lane': 'in doubt with n: the holder of the lane is (id, n)',
  'holder-moves-position': 'the holder of a lane is in doubt, or immediate and live',
  'live-immediate-holds-lane': 'an immediate live order holds its lane',
  'resting-is-live': 'resting: acknowledged, not settled, of a resting type or found later',
  'open-quantity': 'a resting entry is as large as what may still execute and is not in the position',
  'accepted-is-queued': 'accepted: in the queue of its lane, and nobody else',
  'queue-sorted': 'queues go by arrival, then id, and hold at most 50',
  'in-flight': 'inFlight holds what is in doubt or live, under its attempt',
  'reserved-sum': 'what is reserved is the sum over what is in flight, never negative',
  'day-counters': "the day's notional is what orders of that day reserve or have executed",
  'position-is-fills': 'a position is the sum of its fills, and what was adopted',
  'fills-of-order': "an order's fills are those in Fills, and never more than was executed",
  'day-forward': 'the day of the counters never goes back',
  'facts-grow': 'facts, attempts and histories only grow',
  'settled-complete': 'settled after facts: all terminal, every fill applied, nothing in doubt',
  'state-by-facts': 'the state of an order that the exchange has is what its facts say',
  // Sections 4 to 9, of single transitions.
  'turn-by-arrival': 'nothing takes a lane that is held, or while another waits before it',
  'limit-in-transaction': 'no admission exceeds a limit of its strategy',
  'mode-in-transaction': 'no admission under a mode that forbids it',
  'sells-own-only': "no sell is larger than the lane's position without what rests as a sell",
  'gate-closed': 'close and target are sized only while nothing of the lane rests',
  'target-size': 'a target trades the difference to the position and no more',
  'target-reached': 'a target is skipped as reached only where the position and all that rests make it so',
  'newest-intent': 'no target and no close is carried out after a newer one',
  'stale-submitting': 'an attempt leaves doubt through its own outcome, evidence or proof only',
  'proof-complete': 'absent: two rounds, each after the proof time, five seconds apart',
  // At the end, against the exchange.
  'one-order-per-alert': 'no alert has two orders on the exchange',
  'one-item-per-alert': 'no alert has two items in the ledger',
  'sent-once': 'each client order id was sent once',
  'every-alert-stored': 'every alert is in the ledger',
  'every-alert-ends': 'every alert ends in a state that is final',
  'ledger-knows-order': 'the ledger knows every order of ours on the exchange',
  'exchange-has-order': 'the exchange has every order that the ledger claims',
  'same-as-exchange': 'state, executed quantity and amount are those of the exchange',
  'fills-are-trades': 'Fills holds exactly the trades of our orders',
  'false-negative':
    'nothing that exists on the exchange was ever called absent, unsent, refused or not executed',
  'proof-asked': 'behind every absence lie two answers of each source, asked for after the proof time',
  'nothing-reserved': 'nothing stays reserved or in flight',
  'lane-free': 'no lane stays held, resting or with a queue',
  'lane-in-order':
    'orders of a lane reach the exchange in the order of their admissions, each after the one before',
  'answer-holds': 'what was answered as final is so in the end',
  'answer-of-repeat': 'repeats are answered alike, and as repeats',
  'no-5xx-after-sending': 'nothing is answered 5xx but 503, and nothing is thrown',
  'within-limits': 'the exchange turns nothing away for its limits',
  'external-recorded':
    'every order on the account that is not ours is in the ledger as external, and nothing else is',
  'external-untouched': 'an order that is not ours is never cancelled, reserved for or booked',
  'quiet-after-halt': 'no order is executed after the answer to a halt, until somebody re-arms',
  alarmed: 'what broke the assumptions raised an alarm',
} as const;
export type Invariant = keyof typeof INVARIANTS;

/** What holds only within the assumptions on the exchange's clocks, queueing and visibility. */
const WITHIN_ASSUMPTIONS: ReadonlySet<Invariant> = new Set<Invariant>([
  'false-negative',
  'proof-asked',
  'lane-in-order',
  'within-limits',
  // A request that the exchange executes long after it could not come to be any more is held back by no halt.
  'quiet-after-halt',
]);

const isSwitchedOn = (invariant: Invariant, seedClass: 'A' | 'B'): boolean =>
  !(seedClass === 'B' && WITHIN_ASSUMPTIONS.has(invariant));

/** Collects violations; only those of invariants that hold in this class of seeds count. */
export interface Findings {
  say(invariant: Invariant, message: string, at?: number): void;
  readonly violations: readonly Violation[];
}

export const createFindings = (seedClass: 'A' | 'B'): Findings => {
  const violations: Violation[] = [];
  return {
    violations,
    say: (invariant, message, at) => {
      if (!isSwitchedOn(invariant, seedClass)) return;
      violations.push({ invariant, message, ...(at !== undefined && { at }) });
    },
  };
};
