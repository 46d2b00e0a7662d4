import type { Functions } from './functions.ts';
import type { OperatorAction } from './plan.ts';
import type { Timeline } from './timeline.ts';

/** One order of the operator's, from sending to answer; true epoch ms. */
export interface Ordered {
  readonly action: OperatorAction;
  readonly sentAt: number;
  answeredAt?: number;
  status?: number;
}

/** A span in which a strategy's halt was answered as carried out, and nobody was loosening it. */
export interface Halt {
  /** Absent: all of them. */
  readonly strategy?: string;
  readonly from: number;
  readonly to: number;
}

/** Sends one order of the operator's to the control function. */
export const order = (action: OperatorAction, functions: Functions, timeline: Timeline): Ordered => {
  const ordered: Ordered = { action, sentAt: timeline.now() };
  const { strategy, mode, command } = action;
  const body = {
    ...(mode && { mode }),
    ...(strategy !== undefined && { strategies: [strategy] }),
    ...(command && { [command]: true }),
    reason: 'drawn',
  };
  functions.control(body, ({ status }) => {
    ordered.answeredAt = timeline.now();
    ordered.status = status;
  });
  return ordered;
};

const loosens = ({ mode, command }: OperatorAction): boolean => mode !== 'HALTED' || command === 'flatten';

/** A halt of all is loosened by what loosens any: no claim is made then of the others. */
const concerns = ({ strategy }: OperatorAction, halted: string | undefined): boolean =>
  strategy === undefined || halted === undefined || strategy === halted;

/** What was answered 200 to a halt holds from that answer until a loosening begins, or is still under way. */
export const haltsOf = (all: readonly Ordered[]): readonly Halt[] =>
  all.flatMap(({ action, status, answeredAt }) => {
    if (status !== 200 || answeredAt === undefined || action.mode !== 'HALTED' || action.command) return [];
    const { strategy } = action;
    const to = all
      .filter(({ action: other }) => loosens(other) && concerns(other, strategy))
      .filter((other) => (other.answeredAt ?? Number.POSITIVE_INFINITY) > answeredAt)
      .reduce((first, { sentAt }) => Math.min(first, sentAt), Number.POSITIVE_INFINITY);
    return to > answeredAt ? [{ ...(strategy !== undefined && { strategy }), from: answeredAt, to }] : [];
  });
