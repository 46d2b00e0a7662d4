import { decimal, plain, roundDown } from '../../domain/money.ts';
import { type Asked, firedAt, readAsked, textAt } from './alert-text.ts';
import type { FillView, OrderDetail } from './shapes.ts';
import { lasting } from './table.ts';

const PERCENT_DECIMALS = 3;
const PERCENT = '100';
/** States in which nothing has left yet, and in which an answer is outstanding. */
const BEFORE = ['accepted'];
const SENT = ['submitting'];

/** One order's life as lines of text: what was asked for, what came of it, every step with its time, and how long each took. */
export const timelineOf = (order: OrderDetail): string[] => {
  const asked = readAsked(order.alert);
  return [
    `order ${order.id}  ${order.strategy}  ${order.state}${order.test ? '  (test)' : ''}`,
    ...section('asked', [askedText(asked)]),
    ...section('order', [orderText(order)]),
    ...section('result', [resultText(order)]),
    ...section('why', [reasonText(order)]),
    ...section('checks', checkLines(order)),
    ...section('slippage', [slippageText(order, asked)]),
    ...section('took', [tookText(order, asked)]),
    '',
    ...eventLines(order, asked),
    ...attemptLines(order),
    ...(order.fills.length === 0 ? [] : ['', 'fills (UTC, to the second)', ...order.fills.map(fillLine)]),
  ];
};

const NAME_WIDTH = 10;

const section = (name: string, lines: readonly (string | undefined)[]): string[] =>
  lines
    .filter((line) => line !== undefined && line !== '')
    .map((line, n) => `  ${(n === 0 ? name : '').padEnd(NAME_WIDTH)}${line}`);

const joined = (...parts: readonly (string | undefined)[]): string => parts.filter(Boolean).join(' ');

const SIZES = ['quantity', 'quoteQuantity', 'percent', 'targetQuantity', 'targetPercent'] as const;

/** The alert, in the words that it used. */
const askedText = (asked: Asked): string => {
  const size = SIZES.flatMap((name) => {
    const value = textAt(asked, name);
    return value === undefined ? [] : [`${name} ${value}`];
  });
  const more = ['price', 'marketPosition', 'signalPrice', 'id', 'sequence', 'comment'].flatMap((name) => {
    const value = textAt(asked, name);
    return value === undefined ? [] : [`${name} ${value}`];
  });
  return [joined(textAt(asked, 'action'), textAt(asked, 'type'), textAt(asked, 'symbol')), ...size, ...more]
    .filter(Boolean)
    .join(', ');
};

const orderText = (order: OrderDetail): string | undefined => {
  const { side, type, symbol, quantity, quoteQuantity, price, attempts } = order;
  if (!side) return undefined;
  return joined(
    side,
    type,
    quantity ?? (quoteQuantity && `for ${quoteQuantity} (quote)`),
    symbol,
    price && `at ${price}`,
    attempts.length > 0 ? `as ${order.clientOrderId}` : 'never sent',
    order.exchangeOrderId && `(exchange: ${order.exchangeOrderId})`,
  );
};

const resultText = ({ filledQuantity, filledQuote, averagePrice, fills }: OrderDetail): string | undefined =>
  averagePrice === undefined
    ? undefined
    : joined(
        `${filledQuantity} (base) for ${filledQuote} (quote), ${averagePrice} each`,
        fills.length > 0 ? `in ${fills.length} ${fills.length === 1 ? 'fill' : 'fills'}` : undefined,
        feesText(fills),
      );

const feesText = (fills: readonly FillView[]): string | undefined => {
  const byAsset = Map.groupBy(fills, ({ commissionAsset }) => commissionAsset);
  const fees = [...byAsset].map(([asset, those]) => {
    const total = those.reduce((all, { commission }) => all.plus(commission), decimal('0'));
    return `${plain(total)} ${asset}`;
  });
  return fees.length === 0 ? undefined : `for a commission of ${fees.join(' and ')}`;
};

const reasonText = ({ code, reason }: OrderDetail): string | undefined =>
  reason === undefined ? code : joined(reason, code && `(${code})`);

const checkLines = ({ refusal }: OrderDetail): string[] => [
  ...(refusal?.details ?? []).map(({ path, message }) => `${path}: ${message}`),
  ...(refusal?.nearest
    ? [
        `would pass: ${Object.entries(refusal.nearest)
          .map(([name, value]) => `${name} ${value}`)
          .join(', ')}`,
      ]
    : []),
  ...(refusal?.resetsAt ? [`starts anew ${refusal.resetsAt}`] : []),
];

/** What the order paid above, or got below, the price that the signal saw. */
const slippageText = ({ averagePrice, side }: OrderDetail, asked: Asked): string | undefined => {
  const signal = textAt(asked, 'signalPrice');
  if (averagePrice === undefined || signal === undefined || !/^\d+(\.\d+)?$/.test(signal)) return undefined;
  const seen = decimal(signal);
  if (seen.eq('0')) return undefined;
  const difference = side === 'sell' ? seen.minus(averagePrice) : decimal(averagePrice).minus(seen);
  const percent = plain(roundDown(difference.times(PERCENT).div(seen), PERCENT_DECIMALS));
  const word = difference.gt('0') ? 'worse' : difference.lt('0') ? 'better' : 'the same';
  return `${percent} % (${averagePrice} against the signal's ${signal}: ${word})`;
};

/** How long each step took, as far as it got. */
const tookText = ({ history, createdAt, fills }: OrderDetail, asked: Asked): string => {
  const received = Date.parse(createdAt);
  const after = (states: readonly string[]) => history.find(({ state }) => !states.includes(state))?.at;
  const sent = history.find(({ state }) => SENT.includes(state))?.at;
  const answered = sent && after([...BEFORE, ...SENT]);
  const booked = fills.map(({ appliedAt }) => Date.parse(appliedAt));
  const steps: readonly (readonly [string, number | undefined])[] = [
    ['fired', firedAt(asked)],
    ['received', received],
    ['sent', sent === undefined ? undefined : Date.parse(sent)],
    ['answered', answered === undefined ? undefined : Date.parse(answered)],
    ['booked', booked.length === 0 ? undefined : Math.max(...booked)],
  ];
  const known = steps.flatMap(([name, at]) => (at === undefined ? [] : [{ name, at }]));
  const parts = known
    .slice(1)
    .map(({ name, at }, n) => `${known[n]?.name} to ${name} ${lasting(at - (known[n]?.at ?? at))}`);
  const [first, last] = [known[0], known.at(-1)];
  const whole = first && last && parts.length > 1 ? [`${lasting(last.at - first.at)} in all`] : [];
  return [...parts, ...whole].join(', ');
};

/** What happened, in the order of time, each with the time since the one before. */
const eventLines = ({ history }: OrderDetail, asked: Asked): string[] => {
  const fired = firedAt(asked);
  const events = [
    ...(fired === undefined ? [] : [{ at: fired, text: 'the alert fired, by its own account' }]),
    ...history.map(({ at, state, detail, times }) => ({
      at: Date.parse(at),
      text: joined(
        `${state}${detail === undefined ? '' : `: ${detail}`}`,
        times === undefined ? undefined : `(${times} times)`,
      ),
    })),
  ];
  return events.map(({ at, text }, n) => {
    const since = n === 0 ? '' : `+${lasting(at - (events[n - 1]?.at ?? at))}`;
    return `${new Date(at).toISOString()}  ${since.padStart(SINCE_WIDTH)}  ${text}`;
  });
};

const SINCE_WIDTH = 9;

const OUTCOMES: Readonly<Record<string, string>> = {
  sending: 'on its way',
  unknown: 'no usable answer',
  unsent: 'never left',
  not_executed: 'turned away before it was executed',
  refused: 'refused by the exchange',
  absent: 'proven never to have reached the book',
  tested: 'would be taken',
  found: 'taken by the exchange',
};

const attemptLines = ({ attempts }: OrderDetail): string[] => {
  if (attempts.length === 0) return [];
  const lines = attempts.map(({ n, clientOrderId, signedAt, until, outcome, code, message, facts }) => {
    const said = joined(code, message);
    return [
      `${signedAt}  attempt ${n} as ${clientOrderId}: ${OUTCOMES[outcome] ?? outcome}${said === '' ? '' : ` (${said})`}`,
      `${' '.repeat(signedAt.length)}  could come into being until ${until}`,
      ...(facts
        ? [
            `${' '.repeat(signedAt.length)}  exchange order ${facts.exchangeOrderId}: ${facts.status}, executed ${facts.cumQty} for ${facts.cumQuote}`,
          ]
        : []),
    ];
  });
  return ['', "attempts (signed by the exchange's clock)", ...lines.flat()];
};

const fillLine = ({
  time,
  side,
  quantity,
  price,
  quoteQuantity,
  commission,
  commissionAsset,
  ...rest
}: FillView) =>
  `${time.slice(0, 19)}Z  ${side} ${quantity} at ${price} = ${quoteQuantity}, commission ${commission} ${commissionAsset}, ${rest.maker ? 'maker' : 'taker'}, realised ${rest.realised}, trade ${rest.tradeId}`;
