import type { OrderDetail } from './answers.ts';
import { ApiError, get } from './api.ts';
import { type Child, h } from './dom.ts';
import { amount, assetsOf, moment, signed, span, tone, words } from './format.ts';
import { stepsOf } from './timeline.ts';
import { type Context, empty, loading, panel, pill, table, type View } from './view.ts';
import { sizeOf } from './view-orders.ts';

const EVERY = 2_000;

/** One order's whole life. */
export const orderView = (context: Context): View => {
  let order: OrderDetail | undefined;
  let missing = false;
  const stop = context.poll(EVERY, async () => {
    try {
      order = await get<OrderDetail>(`orders/${encodeURIComponent(context.rest)}`);
      // What is over changes only when the exchange contradicts itself; opening it again asks again.
      if (order.settled && order.state !== 'accepted' && isOld(order)) stop();
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 404) throw error;
      missing = true;
    }
  });
  const back = h('p', { key: 'back' }, h('a', { href: '#/orders' }, 'Back to all orders'));
  return {
    title: 'One order',
    draw: () => {
      if (order) return [back, summary(order), timeline(order), alertOf(order), fills(order)];
      return [back, missing ? empty(`There is no order ${context.rest}.`) : loading('the order')];
    },
  };
};

const SETTLED_FOR = 120_000;
const isOld = ({ updatedAt }: OrderDetail): boolean => Date.now() - Date.parse(updatedAt) > SETTLED_FOR;

const fact = (name: string, value: Child): Child =>
  h('div', { key: name }, h('dt', {}, name), h('dd', {}, value));

const summary = (order: OrderDetail): Child => {
  const [base, quote] = assetsOf(order.symbol);
  const { signalPrice } = received(order);
  return h(
    'section',
    { class: 'panel', key: 'summary' },
    h(
      'h2',
      {},
      `${order.strategy}: ${order.side ?? order.action ?? 'alert'} ${order.symbol ?? ''} `,
      pill(order.state),
    ),
    h(
      'dl',
      { class: 'facts' },
      fact('Id', h('code', {}, order.id)),
      fact(
        'Asked for',
        `${order.type ?? order.action ?? '–'} ${sizeOf(order)}${order.test ? ' (test)' : ''}`,
      ),
      fact('Filled', `${amount(order.filledQuantity, base)} for ${amount(order.filledQuote, quote)}`),
      order.averagePrice === undefined ? false : fact('Average price', amount(order.averagePrice, quote)),
      signalPrice === undefined
        ? false
        : fact('Slippage against signalPrice', slippage(order, signalPrice, quote)),
      order.exchangeOrderId === undefined
        ? false
        : fact('Order of the exchange', h('code', {}, order.exchangeOrderId)),
      order.reason === undefined ? false : fact('Why', order.reason),
      order.code === undefined
        ? false
        : fact('Code', `${order.code}${order.class === undefined ? '' : `, class ${order.class}`}`),
      fact('From first to last', span(Date.parse(order.updatedAt) - Date.parse(order.createdAt))),
      balanceChange(order),
    ),
  );
};

/** The alert's own words; nothing of it is trusted to be there. */
const received = ({
  alert,
}: OrderDetail): { readonly signalPrice?: string; readonly time?: string | number } => {
  try {
    const fields: unknown = JSON.parse(alert);
    if (typeof fields !== 'object' || fields === null) return {};
    const price = 'signalPrice' in fields ? String(fields.signalPrice) : undefined;
    const time =
      'time' in fields && (typeof fields.time === 'string' || typeof fields.time === 'number')
        ? fields.time
        : undefined;
    return {
      ...(price !== undefined && Number(price) > 0 && { signalPrice: price }),
      ...(time !== undefined && { time }),
    };
  } catch {
    return {};
  }
};

const slippage = ({ averagePrice, side }: OrderDetail, signalPrice: string, quote: string): Child => {
  if (averagePrice === undefined) return `signal saw ${amount(signalPrice, quote)}; nothing is filled`;
  const percent = (Number(averagePrice) / Number(signalPrice) - 1) * 100;
  const worse = side === 'sell' ? -percent : percent;
  const text = Math.abs(worse).toFixed(3);
  return h(
    'span',
    { class: worse > 0 ? 'loss' : 'gain' },
    `${text} % ${worse > 0 ? 'worse' : 'better'} than ${amount(signalPrice, quote)}`,
  );
};

/** What the fills did to the balances: the parts of a sum, each exact. */
const balanceChange = ({ fills, side, symbol, filledQuantity, filledQuote }: OrderDetail): Child => {
  if (fills.length === 0) return false;
  const [base, quote] = assetsOf(symbol);
  const buy = side === 'buy';
  const fees = new Map<string, string[]>();
  for (const { commission, commissionAsset } of fills)
    if (/[1-9]/.test(commission))
      fees.set(commissionAsset, [...(fees.get(commissionAsset) ?? []), commission]);
  return fact('Balance change', [
    `${buy ? '+' : '−'}${amount(filledQuantity, base)}, ${buy ? '−' : '+'}${amount(filledQuote, quote)}`,
    [...fees].map(([asset, each]) => `, commission −${each.map((one) => amount(one)).join(' −')} ${asset}`),
    fees.size === 0 ? ', no commission' : '',
  ]);
};

const timeline = (order: OrderDetail): Child =>
  panel(
    'Timeline',
    h(
      'ol',
      { class: 'timeline' },
      stepsOf(order, received(order).time).map(({ at, kind, title, details, since, clock }, n) =>
        h(
          'li',
          { class: kind, key: `${n} ${kind}` },
          h(
            'p',
            { class: 'when' },
            h('time', { datetime: at }, moment(at, true)),
            since === undefined ? '' : ` · ${since < 0 ? 'before' : `+${span(since)}`}`,
            clock === undefined ? '' : ` · ${clock}`,
          ),
          h('p', { class: 'what' }, words(title)),
          details.map((each) => h('p', { class: 'detail' }, each)),
        ),
      ),
    ),
  );

const alertOf = ({ alert, refusal }: OrderDetail): Child =>
  panel(
    'Alert as received, without its token',
    refusal === undefined
      ? false
      : h(
          'div',
          { class: 'problem', key: 'refusal' },
          h('p', {}, `Answered ${refusal.status} ${refusal.code}: ${refusal.message}`),
          (refusal.details ?? []).map(({ path, message }) => h('p', {}, `${path}: ${message}`)),
          refusal.nearest === undefined
            ? false
            : h(
                'p',
                {},
                `Nearest that would have passed: ${Object.entries(refusal.nearest)
                  .map(([name, value]) => `${name} ${value}`)
                  .join(', ')}`,
              ),
        ),
    h('pre', { tabindex: '0', 'aria-label': 'Alert', key: 'alert' }, indented(alert)),
  );

const indented = (text: string): string => {
  // Only to lay it out: numbers are shown by their own digits where JavaScript would change them.
  try {
    const again = JSON.stringify(JSON.parse(text), undefined, 2);
    return again.replaceAll(/\s/g, '') === text.replaceAll(/\s/g, '') ? again : text;
  } catch {
    return text;
  }
};

const fills = (order: OrderDetail): Child => {
  if (order.fills.length === 0)
    return panel('Fills', empty('Nothing was filled, or nothing has been applied yet.'));
  const [base, quote] = assetsOf(order.symbol);
  return panel(
    'Fills',
    table(
      'Own trades of this order',
      ['Time (exchange)', 'Trade', 'Price', 'Quantity', 'Commission', 'Realised', 'Role'],
      order.fills.map((fill) => ({
        key: fill.tradeId,
        cells: [
          moment(fill.time),
          h('code', {}, fill.tradeId),
          amount(fill.price, quote),
          amount(fill.quantity, base),
          amount(fill.commission, fill.commissionAsset),
          h('span', { class: tone(fill.realised) }, signed(fill.realised, quote)),
          fill.maker ? 'maker' : 'taker',
        ],
      })),
    ),
  );
};
