import { readAsked, textAt } from './alert-text.ts';
import type { OrderDetail } from './shapes.ts';
import { listed } from './table.ts';

/** One paragraph: what became of an alert, and why. */
export const explanationOf = (order: OrderDetail): string =>
  [opening(order), ...(ENDINGS[order.state] ?? other)(order)].filter(Boolean).join(' ');

type Ending = (order: OrderDetail) => (string | undefined)[];

const sentence = (text: string | undefined): string | undefined => {
  const whole = text?.trim();
  if (!whole) return undefined;
  const begun = `${whole[0]?.toUpperCase()}${whole.slice(1)}`;
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
};

const opening = (order: OrderDetail): string => {
  const asked = readAsked(order.alert);
  const what = [textAt(asked, 'action'), textAt(asked, 'symbol')].filter(Boolean).join(' ');
  const kind = order.test ? 'test alert' : 'alert';
  return `The ${kind} of ${order.strategy}${what ? ` (${what})` : ''} was received at ${order.createdAt} and is order ${order.id}.`;
};

const why = ({ reason, code }: OrderDetail): string | undefined =>
  reason === undefined && code === undefined
    ? undefined
    : sentence(`the reason: ${[reason, code && `(${code})`].filter(Boolean).join(' ')}`);

const executed = ({ side, filledQuantity, filledQuote, averagePrice }: OrderDetail): string =>
  `${side === 'sell' ? 'Sold' : 'Bought'} ${filledQuantity} (base) for ${filledQuote} (quote), ${averagePrice ?? '?'} each.`;

const notes = ({ history }: OrderDetail): string | undefined => {
  const said = history.find(({ state }) => state === 'submitting')?.detail?.replace(/^attempt \d+(; )?/, '');
  return said ? `Before it was sent: ${said}.` : undefined;
};

const ENDINGS: Readonly<Record<string, Ending>> = {
  refused: ({ refusal, ...order }) => [
    'It was refused by your own rules, limits or mode, and nothing was sent to the exchange.',
    refusal?.details && refusal.details.length > 0
      ? sentence(listed(refusal.details.map(({ path, message }) => `${path}: ${message}`)))
      : sentence(order.reason),
    refusal?.nearest &&
      `What would have passed: ${listed(Object.entries(refusal.nearest).map(([name, value]) => `${name} ${value}`))}.`,
    refusal?.resetsAt && `The limit starts anew at ${refusal.resetsAt}.`,
    refusal && `(${refusal.code})`,
  ],
  skipped: (order) => ['It was skipped: no order was needed.', why(order)],
  expired: (order) => ['It was too old before it could be sent, so nothing was sent.', why(order)],
  rejected: (order) => ['It was sent, and the exchange refused it: nothing was executed.', why(order)],
  absent: (order) => [
    'It was sent, got no usable answer, and was then proven never to have reached the book: nothing was executed.',
    why(order),
  ],
  unknown: (order) => [
    'It was sent and got no usable answer: whether the exchange has it is being found out, and its money stays reserved until then.',
    why(order),
  ],
  accepted: (order) => [
    'It waits for its turn, or for a ticket to be sent by: nothing has left yet.',
    sentence(order.history.at(-1)?.detail),
  ],
  submitting: () => ['It is being sent right now.'],
  open: (order) => ['The exchange has it in its book, nothing of it is executed yet.', notes(order)],
  partially_filled: (order) => ['The exchange has it in its book, a part is executed.', executed(order)],
  filled: (order) => ['It was carried out in full.', executed(order), notes(order)],
  canceled: (order) => ['It was cancelled before anything of it was executed.', why(order)],
  partially_canceled: (order) => [
    'A part was executed, the rest was cancelled.',
    executed(order),
    why(order),
  ],
  tested: () => ['It was a test: the exchange would take this order, and nothing was executed.'],
  done: ({ cancelledIds = [] }) => [
    cancelledIds.length === 0
      ? 'It cancelled nothing: no order was open.'
      : `It cancelled ${listed(cancelledIds)}.`,
  ],
};

const other: Ending = (order) => [`It is ${order.state}.`, why(order)];
