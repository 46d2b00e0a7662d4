import * as z from 'zod';
import { currentAttempt, type Order, type OrderState } from './order-record.ts';
import { orderView } from './order-view.ts';
import type { Mode, Strategy } from './strategy.ts';

/** What the owner may want to hear of. */
export const NoticeEvent = z.enum(['filled', 'rejected', 'refused', 'unknown', 'absent', 'halted', 'alarm']);
export type NoticeEvent = z.infer<typeof NoticeEvent>;

/** One message to the owner, in plain text: every messenger puts it into its own form. */
export const Notice = z.object({
  /** The same for the same happening, however often it is told: a repeat is known by it. */
  id: z.string(),
  event: NoticeEvent,
  /** Epoch ms. */
  at: z.int(),
  title: z.string(),
  /** Name and value, as they are to be read. */
  lines: z.array(z.tuple([z.string(), z.string()])),
});
export type Notice = z.infer<typeof Notice>;

/** Characters of the longest value that others may write: a comment, a reason, the name of a strategy. */
const LONGEST = 160;

/**
 * The event that a new state is. A cancelled order that executed a part counts as filled, an alert that was too old as
 * refused: the owner holds coins, or does not, against what was meant.
 */
const EVENTS: Partial<Record<OrderState, NoticeEvent>> = {
  filled: 'filled',
  partially_canceled: 'filled',
  rejected: 'rejected',
  refused: 'refused',
  expired: 'refused',
  unknown: 'unknown',
  absent: 'absent',
};

const TITLES: Partial<Record<OrderState, string>> = {
  filled: 'Filled',
  partially_canceled: 'Partly filled, the rest cancelled',
  rejected: 'Rejected by the exchange',
  refused: 'Refused',
  expired: 'Too old, not sent',
  unknown: 'Outcome unknown',
  absent: 'Never reached the book',
};

/**
 * What a write of an order tells its owner: a state that it was not in before. Every write has a version of its own, so
 * the same write told again gives the same id.
 * @param before the item as it was; undefined: there was none
 */
export const orderNotice = (before: Order | undefined, after: Order): Notice | undefined => {
  const event = EVENTS[after.state];
  if (!event || before?.state === after.state) return undefined;
  const { filledQuantity, filledQuote, averagePrice, code, reason, quantity, quoteQuantity, price } =
    orderView(after);
  const executed = averagePrice && `${filledQuantity} at ${averagePrice}, ${filledQuote} in all`;
  const asked = [quantity, quoteQuantity && `for ${quoteQuantity}`, price && `at ${price}`];
  return notice({
    id: `${after.id}/${after.version}`,
    event,
    at: after.updatedAt,
    title: `${TITLES[after.state]}: ${whatOf(after)}${after.test ? ' (test)' : ''}`,
    lines: [
      ['strategy', after.strategy],
      ['size', asked.filter(Boolean).join(' ')],
      ['executed', executed],
      ['code', code],
      ['reason', reason ?? (after.state === 'unknown' ? currentAttempt(after)?.message : undefined)],
      ['contradiction', after.contradiction && 'the exchange shows what was held to be over'],
      ['comment', after.alert?.comment],
      ['order', after.id],
    ],
  });
};

/** An order that was refused before it could be read has neither side nor symbol. */
const whatOf = ({ side, action, type, symbol }: Order): string =>
  [type, side ?? action ?? 'alert', symbol].filter(Boolean).join(' ');

const MODES: Record<Mode, string> = {
  ACTIVE: 'Armed again',
  REDUCE_ONLY: 'May only reduce',
  HALTED: 'Halted',
};

/** What a write of a strategy's record tells its owner: another mode. Counters change with every order and tell nothing. */
export const modeNotice = (before: Strategy | undefined, after: Strategy): Notice | undefined => {
  const { strategy, mode, changed } = after;
  // A record that is made starts with the mode that was set for all: that was told by the others.
  if (!before || before.mode === mode || !changed) return undefined;
  return notice({
    id: `${cut(strategy)}/${changed.id}`,
    event: 'halted',
    at: changed.at,
    title: `${MODES[mode]}: strategy ${strategy}`,
    lines: [
      ['mode', mode],
      ['by', changed.by === 'operator' ? 'the operator' : 'itself'],
      ['reason', changed.reason],
    ],
  });
};

const CloudWatchAlarm = z.object({
  AlarmName: z.string(),
  AlarmDescription: z.string().nullish(),
  NewStateValue: z.string(),
  NewStateReason: z.string().optional(),
});

/** A message of the alarm topic. @param published its id and time on the topic; a redelivery has the same */
export const alarmNotice = (published: {
  readonly id: string;
  readonly at: number;
  readonly subject?: string | undefined;
  readonly text: string;
}): Notice => {
  const { id, at, subject, text } = published;
  const common = { id: `alarm/${id}`, event: 'alarm' as const, at };
  const alarm = CloudWatchAlarm.safeParse(jsonOf(text));
  // Budgets and people publish plain text.
  if (!alarm.success) return notice({ ...common, title: subject ?? 'Alarm', lines: [['message', text]] });
  const { AlarmName, AlarmDescription, NewStateValue, NewStateReason } = alarm.data;
  const word = { ALARM: 'Alarm', OK: 'Over' }[NewStateValue] ?? NewStateValue;
  return notice({
    ...common,
    title: `${word}: ${AlarmName}`,
    lines: [...meaningOf(AlarmDescription ?? ''), ['reason', NewStateReason]],
  });
};

/** Ours say in one line each who suffers, what to do first, and where more of it stands. */
const meaningOf = (description: string): [string, string][] => {
  const [meaning = '', first = '', runbook = ''] = description.split('\n');
  return [
    ['meaning', meaning],
    ['first', first],
    ['runbook', runbook],
  ];
};

interface Draft extends Omit<Notice, 'lines'> {
  readonly lines: readonly (readonly [string, string | false | undefined])[];
}

const notice = ({ lines, title, ...rest }: Draft): Notice => ({
  ...rest,
  title: cut(title),
  lines: lines.flatMap(([name, value]) => {
    const shown = value ? cut(value) : '';
    return shown ? [[name, shown] as [string, string]] : [];
  }),
});

/** One line of bounded length: what somebody else wrote can neither begin a line of its own nor reverse its direction. */
const cut = (text: string): string => {
  const line = text.replaceAll(/[\p{C}\p{Z}]+/gu, ' ').trim();
  return line.length <= LONGEST ? line : `${line.slice(0, LONGEST - 1).toWellFormed()}…`;
};

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
