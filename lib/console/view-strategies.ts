import { modeButtons, testAlert } from './actions.ts';
import type { Overview, Position, Sequences, StrategyRow } from './answers.ts';
import { get } from './api.ts';
import { type Child, h } from './dom.ts';
import { amount, assetsOf, moment, signed, tone } from './format.ts';
import { type Context, empty, loading, pill, table, use, type View } from './view.ts';

const POSITIONS_EVERY = 4_000;
const SEQUENCES_EVERY = 30_000;

/** What each strategy may do, has done today, and holds. */
export const strategiesView = (context: Context): View => {
  let positions: readonly Position[] | undefined;
  const sequences = new Map<string, Sequences>();
  context.poll(POSITIONS_EVERY, async () => {
    ({ positions } = await get<{ positions: readonly Position[] }>('positions'));
  });
  context.poll(SEQUENCES_EVERY, async () => {
    const names = context.overview()?.strategies.map(({ strategy }) => strategy) ?? [];
    for (const strategy of names) sequences.set(strategy, await get<Sequences>('sequences', { strategy }));
  });
  return {
    title: 'Strategies',
    draw: () => {
      const overview = context.overview();
      if (!overview) return [loading('the strategies')];
      const silent = overview.configured.filter(
        (name) => !overview.strategies.some(({ strategy }) => strategy === name),
      );
      return [
        overview.strategies.length + silent.length === 0
          ? empty('No strategy is configured, and no alert has come.')
          : false,
        overview.strategies.map((each) =>
          card(
            each,
            overview,
            positions?.filter(({ strategy }) => strategy === each.strategy),
            sequences.get(each.strategy),
            context,
          ),
        ),
        silent.map((name) =>
          h(
            'section',
            { class: 'panel', key: `silent ${name}` },
            h('h2', {}, name),
            h('p', { class: 'hint' }, 'Is configured; no alert has come yet.'),
            template(name, 'SOLUSDT'),
            testButton(name, [], context),
          ),
        ),
      ];
    },
  };
};

const card = (
  row: StrategyRow,
  { account, now }: Overview,
  positions: readonly Position[] | undefined,
  sequences: Sequences | undefined,
  context: Context,
): Child => {
  const { strategy, mode, today, limits } = row;
  const quote = account?.quote ?? '';
  const used = (label: string, part: string, whole: string): Child =>
    use(label, part, whole, `${amount(part)} of ${amount(whole, quote)}`);
  const loss = today.realised.startsWith('-') ? today.realised.slice(1) : '0';
  const symbols = [...new Set([...(row.symbols ?? []), ...(positions ?? []).map(({ symbol }) => symbol)])];
  return h(
    'section',
    { class: 'panel', key: `strategy ${strategy}`, 'aria-label': strategy },
    h('h2', {}, strategy, ' ', pill(mode)),
    row.reason === undefined || row.changedAt === undefined
      ? false
      : h('p', { class: 'hint' }, `Since ${moment(row.changedAt)}, by ${row.changedBy}: “${row.reason}”`),
    row.overrun === undefined
      ? false
      : h(
          'p',
          { class: 'loss' },
          'Blocked: an order cost more than was reserved: ',
          h('a', { href: `#/orders/${row.overrun}` }, row.overrun),
        ),
    modeButtons(mode, strategy),
    h('h3', {}, `Use of the limits on ${now.slice(0, 10)} (UTC)`),
    use(
      'Orders',
      String(today.orders),
      String(limits.maxOrdersPerDay),
      `${today.orders} of ${limits.maxOrdersPerDay}`,
    ),
    used('Notional', today.notional, limits.maxNotionalPerDay),
    use(
      'In flight',
      String(row.inFlight.length),
      String(limits.maxOpenOrders),
      `${row.inFlight.length} of ${limits.maxOpenOrders} orders`,
    ),
    limits.maxDailyLoss === undefined
      ? use('Daily loss', '0', undefined, 'no limit set')
      : used('Daily loss', loss, limits.maxDailyLoss),
    h(
      'p',
      { class: 'hint' },
      `One order: at most ${amount(limits.maxOrderNotional, quote)}. One position: at most ${amount(limits.maxPositionNotional, quote)}. Alerts older than ${limits.staleAfterSeconds} s are refused. Refused by the exchange today: ${today.rejected}. Reserved now: ${amount(row.reserved, quote)}.`,
    ),
    h('h3', {}, 'Profit'),
    h(
      'p',
      {},
      'Realised today ',
      h('span', { class: tone(today.realised) }, signed(today.realised, quote)),
      ', ever ',
      h('span', { class: tone(row.realised) }, signed(row.realised, quote)),
    ),
    h('h3', {}, 'Positions'),
    positions === undefined ? loading('the positions') : positionTable(strategy, positions),
    h('h3', {}, 'Sequence numbers'),
    sequenceWords(sequences),
    template(strategy, symbols[0] ?? 'SOLUSDT'),
    testButton(strategy, symbols, context),
  );
};

const positionTable = (strategy: string, positions: readonly Position[]): Child =>
  positions.length === 0
    ? empty('None.')
    : table(
        `Positions of ${strategy}`,
        ['Symbol', 'Held', 'Cost', 'Average price', 'Realised', 'Open orders', 'Waiting'],
        positions.map(({ symbol, quantity, cost, averagePrice, realised, openOrders, waiting }) => {
          const [base, quote] = assetsOf(symbol);
          return {
            key: symbol,
            cells: [
              h('a', { href: `#/market?symbol=${encodeURIComponent(symbol)}` }, symbol),
              amount(quantity, base),
              amount(cost, quote),
              amount(averagePrice, quote),
              h('span', { class: tone(realised) }, signed(realised, quote)),
              String(openOrders.length),
              String(waiting.length),
            ],
          };
        }),
      );

const sequenceWords = (sequences: Sequences | undefined): Child => {
  if (!sequences) return loading('the sequence numbers');
  const { numbered, alerts, first, last, missing, repeated } = sequences;
  if (numbered === 0)
    return h('p', { class: 'hint' }, 'The alerts carry no "sequence": gaps cannot be seen.');
  const gaps = missing.map(({ from, to }) => (from === to ? `${from}` : `${from}–${to}`)).join(', ');
  return h(
    'p',
    { class: missing.length > 0 ? 'loss' : undefined },
    `${numbered} of the newest ${alerts} alerts are numbered, ${first} to ${last}. Missing: ${gaps === '' ? 'none' : gaps}. Repeated: ${repeated.length === 0 ? 'none' : repeated.join(', ')}.`,
  );
};

const template = (strategy: string, symbol: string): Child => {
  const text = JSON.stringify(
    {
      token: '<webhook token>',
      strategy,
      id: '{{strategy.order.id}} {{timenow}}',
      time: '{{timenow}}',
      symbol,
      action: '{{strategy.order.action}}',
      marketPosition: '{{strategy.market_position}}',
      quantity: '{{strategy.order.contracts}}',
      signalPrice: '{{close}}',
    },
    undefined,
    2,
  );
  const copy = async ({ currentTarget }: MouseEvent): Promise<void> => {
    if (!(currentTarget instanceof HTMLElement)) return;
    const button = currentTarget;
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = 'Copied';
    } catch {
      button.textContent = 'Copy by hand, please';
    }
  };
  return h(
    'details',
    { key: `template ${strategy}` },
    h('summary', {}, 'Alert template'),
    h('p', { class: 'hint' }, `Webhook URL: ${location.origin}/webhook`),
    h('pre', { tabindex: '0', 'aria-label': `Alert template of ${strategy}` }, text),
    h('p', { class: 'buttons' }, h('button', { type: 'button', class: 'quiet', onclick: copy }, 'Copy')),
  );
};

const testButton = (strategy: string, symbols: readonly string[], context: Context): Child =>
  h(
    'p',
    { class: 'buttons' },
    h(
      'button',
      { type: 'button', onclick: () => testAlert(strategy, symbols, context.go) },
      'Send a test alert …',
    ),
  );
