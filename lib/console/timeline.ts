import type { OrderDetail } from './answers.ts';
import { amount, assetsOf, moment } from './format.ts';

/** One thing that happened in an order's life. */
export interface Step {
  /** ISO 8601 UTC. */
  readonly at: string;
  readonly kind: 'alert' | 'state' | 'attempt' | 'fill';
  readonly title: string;
  readonly details: readonly string[];
  /** ms since the step before, by the functions' own clocks. */
  readonly since?: number;
  /** Whose clock, where it is not the functions' own. */
  readonly clock?: string;
}

/**
 * Everything that is known to have happened, in order of time; of equal times, as it was written. Clocks differ: what was told by
 * another one than the functions' own stands where they took it down, and is not subtracted from.
 */
export const stepsOf = (order: OrderDetail, firedAt: string | number | undefined): readonly Step[] => {
  const placed = [
    ...alertSteps(order, firedAt).map(atItsTime),
    ...states(order).map(atItsTime),
    ...attempts(order),
    ...fills(order).map(atItsTime),
  ].sort((a, b) => Date.parse(a.place) - Date.parse(b.place));
  let before: string | undefined;
  return placed.map(({ step }) => {
    if (step.clock !== undefined) return step;
    const since = before === undefined ? undefined : Date.parse(step.at) - Date.parse(before);
    before = step.at;
    return { ...step, ...(since !== undefined && { since }) };
  });
};

interface Placed {
  readonly step: Step;
  /** Time by which it is put in order, ISO 8601 UTC. */
  readonly place: string;
}

const atItsTime = (step: Step): Placed => ({ step, place: step.at });

const alertSteps = ({ createdAt, strategy }: OrderDetail, firedAt: string | number | undefined): Step[] => {
  const fired = firedAt === undefined ? Number.NaN : new Date(firedAt).getTime();
  const arrived: Step = {
    at: createdAt,
    kind: 'alert',
    title: 'Alert stored',
    details: [`for strategy ${strategy}`],
  };
  if (Number.isNaN(fired)) return [arrived];
  return [
    {
      at: new Date(fired).toISOString(),
      kind: 'alert',
      title: 'Alert fired, by its own account',
      details: [],
      clock: 'clock of the alerting tool',
    },
    arrived,
  ];
};

const states = ({ history }: OrderDetail): Step[] =>
  history.map(({ at, state, detail, times }) => ({
    at,
    kind: 'state',
    title: state,
    details: [
      ...(detail === undefined ? [] : [detail]),
      ...(times === undefined ? [] : [`${times} times the same`]),
    ],
  }));

const OUTCOMES: Readonly<Record<string, string>> = {
  sending: 'on its way',
  unknown: 'outcome not known',
  unsent: 'never left',
  not_executed: 'turned away, not executed',
  refused: 'refused by the exchange',
  absent: 'proven absent',
  tested: 'tested',
  found: 'on the exchange',
};

const attempts = ({ attempts: all, history, createdAt }: OrderDetail): Placed[] => {
  const submitted = history.filter(({ state }) => state === 'submitting');
  return all.map(({ n, clientOrderId, signedAt, until, outcome, code, message, facts, evidence }) => ({
    place: submitted[n - 1]?.at ?? createdAt,
    step: {
      at: signedAt,
      kind: 'attempt',
      title: `Attempt ${n}: ${OUTCOMES[outcome] ?? outcome}`,
      clock: 'signed, clock of the exchange',
      details: [
        `client order id ${clientOrderId}; cannot come into being after ${moment(until, true)}`,
        ...(facts
          ? [
              `exchange: order ${facts.exchangeOrderId}, ${facts.status}, executed ${amount(facts.cumQty)} for ${amount(facts.cumQuote)}`,
            ]
          : []),
        ...(code === undefined && message === undefined
          ? []
          : [`exchange said ${[code, message].filter(Boolean).join(': ')}`]),
        ...(evidence ? [`proof of absence: ${evidence.length} rounds of evidence`] : []),
      ],
    },
  }));
};

const fills = ({ fills: all, symbol }: OrderDetail): Step[] => {
  const [base, quote] = assetsOf(symbol);
  return all.map(({ appliedAt, time, quantity, price, commission, commissionAsset, tradeId }) => ({
    at: appliedAt,
    kind: 'fill',
    title: `Fill applied: ${amount(quantity, base)} at ${amount(price, quote)}`,
    details: [`trade ${tradeId} of ${moment(time)}, commission ${amount(commission, commissionAsset)}`],
  }));
};
