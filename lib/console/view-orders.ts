import type { OrderRow, Orders } from './answers.ts';
import { get } from './api.ts';
import { type Child, chosenIn, h } from './dom.ts';
import { amount, assetsOf, moment } from './format.ts';
import { type Context, empty, loading, pill, table, type View } from './view.ts';

const EVERY = 2_000;
const PAGE = 50;
const STATES = [
  'accepted',
  'submitting',
  'open',
  'partially_filled',
  'filled',
  'canceled',
  'partially_canceled',
  'unknown',
  'rejected',
  'refused',
  'skipped',
  'expired',
  'absent',
  'tested',
  'done',
  'external',
] as const satisfies readonly OrderRow['state'][];

/** Orders and refused alerts, newest first, as they come. */
export const ordersView = (context: Context): View => {
  const { query } = context;
  const asked = (name: string): string | undefined => query.get(name) || undefined;
  const day = (name: string, add: number): string | undefined => {
    const text = asked(name);
    const ms = text === undefined ? Number.NaN : Date.parse(`${text}T00:00:00Z`);
    return Number.isNaN(ms) ? undefined : new Date(ms + add).toISOString();
  };
  const filter = {
    state: asked('state'),
    strategy: asked('strategy'),
    symbol: asked('symbol'),
    from: day('from', 0),
    to: day('to', 86_400_000),
    limit: PAGE,
  };
  let newest: Orders | undefined;
  /** Pages behind the first, which do not change any more but for what is asked for again by opening an order. */
  let older: readonly OrderRow[] = [];
  let next: string | undefined;
  let fetching = false;

  context.poll(EVERY, async () => {
    const before = newest;
    newest = await get<Orders>('orders', filter);
    if (older.length === 0) next = newest.next;
    else {
      // What the first page pushed out belongs to the older ones now.
      const seen = new Set(newest.orders.map(({ id }) => id));
      const pushed = before?.orders.filter(({ id }) => !seen.has(id)) ?? [];
      older = [...pushed, ...older];
    }
  });

  const more = async (): Promise<void> => {
    if (next === undefined || fetching) return;
    fetching = true;
    context.redraw();
    try {
      const page = await get<Orders>('orders', { ...filter, cursor: next });
      older = [...older, ...page.orders];
      next = page.next;
    } finally {
      fetching = false;
      context.redraw();
    }
  };

  const change = (name: string) => (event: Event) => {
    const changed = new URLSearchParams(query);
    const value = chosenIn(event).trim();
    if (value === '') changed.delete(name);
    else changed.set(name, value);
    context.go(`#/orders?${changed}`);
  };
  const select = (name: string, label: string, values: readonly string[]): Child =>
    h(
      'div',
      { class: 'field' },
      h('label', { for: `filter-${name}` }, label),
      h(
        'select',
        { id: `filter-${name}`, onchange: change(name) },
        h('option', { value: '', selected: asked(name) === undefined }, 'all'),
        values.map((value) =>
          h('option', { value, selected: asked(name) === value, key: value }, value.replaceAll('_', ' ')),
        ),
      ),
    );
  const input = (name: string, label: string, type: string): Child =>
    h(
      'div',
      { class: 'field' },
      h('label', { for: `filter-${name}` }, label),
      h('input', {
        id: `filter-${name}`,
        type,
        value: asked(name),
        onchange: change(name),
        autocomplete: 'off',
      }),
    );
  const filters = (): Child => {
    const overview = context.overview();
    const strategies = new Set([
      ...(overview?.strategies.map(({ strategy }) => strategy) ?? []),
      ...(overview?.configured ?? []),
      ...(asked('strategy') === undefined ? [] : [asked('strategy') ?? '']),
    ]);
    return h(
      'div',
      { class: 'filters', key: 'filters', role: 'search', 'aria-label': 'Orders to show' },
      select('state', 'State', STATES),
      select('strategy', 'Strategy', [...strategies].sort()),
      input('symbol', 'Symbol', 'text'),
      input('from', 'From day (UTC)', 'date'),
      input('to', 'To day (UTC)', 'date'),
    );
  };

  const list = (): Child => {
    if (!newest) return loading('the orders');
    const seen = new Set(newest.orders.map(({ id }) => id));
    const all = [...newest.orders, ...older.filter(({ id }) => !seen.has(id))];
    if (all.length === 0)
      return empty('No order is like this. Alerts appear here as they come, refused ones too.');
    return [
      table('Orders, newest first', HEADS, all.map(row)),
      next === undefined
        ? h('p', { class: 'hint', key: 'end' }, `${all.length} shown; there are no older ones.`)
        : h(
            'p',
            { class: 'buttons', key: 'more' },
            h(
              'button',
              { type: 'button', class: 'quiet', disabled: fetching, onclick: more },
              fetching ? 'Loading …' : 'Older ones',
            ),
          ),
    ];
  };

  return { title: 'Orders', draw: () => [filters(), h('div', { key: 'list' }, list())] };
};

const HEADS = ['Time (UTC)', 'State', 'Strategy', 'Symbol', 'Order', 'Filled', 'Average price', 'Why'];

const row = (order: OrderRow) => {
  const [base, quote] = assetsOf(order.symbol);
  return {
    key: order.id,
    cells: [
      h('a', { href: `#/orders/${order.id}` }, moment(order.createdAt).slice(0, 19)),
      [pill(order.state), order.test ? ' test' : ''],
      order.strategy,
      order.symbol ?? '–',
      `${order.side ?? order.action ?? '–'} ${order.type ?? ''} ${sizeOf(order)}`,
      /[1-9]/.test(order.filledQuantity) ? amount(order.filledQuantity, base) : '–',
      order.averagePrice === undefined ? '–' : amount(order.averagePrice, quote),
      order.reason ?? order.code ?? '',
    ],
  };
};

/** What was to be traded, with its unit. */
export const sizeOf = ({ symbol, quantity, quoteQuantity, price }: OrderRow): string => {
  const [base, quote] = assetsOf(symbol);
  const size =
    quantity === undefined ? quoteQuantity && amount(quoteQuantity, quote) : amount(quantity, base);
  return `${size ?? ''}${price === undefined ? '' : ` at ${amount(price, quote)}`}`;
};
