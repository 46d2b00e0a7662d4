import { modeButtons } from './actions.ts';
import type { Equity, Overview } from './answers.ts';
import { get } from './api.ts';
import { type LineChart, lineChart } from './chart.ts';
import { type Child, h } from './dom.ts';
import { amount, moment, signed, span, tone } from './format.ts';
import { type Context, empty, loading, panel, pill, table, tile, type View } from './view.ts';

const EQUITY_EVERY = 60_000;
const DAYS = 7;

/** What an operator looks at first. */
export const overviewView = (context: Context): View => {
  let equity: Equity | undefined;
  let worth: LineChart | undefined;
  let below: LineChart | undefined;
  const showEquity = (): void => {
    worth?.show(equity?.rows.map(([at, total]) => [at, Number(total)]) ?? []);
    below?.show(equity?.rows.map(([at, , drawdown]) => [at, -Number(drawdown)]) ?? []);
  };
  context.poll(EQUITY_EVERY, async () => {
    equity = await get<Equity>('equity', { days: DAYS });
    showEquity();
  });
  context.onLeave(() => {
    worth?.remove();
    below?.remove();
  });

  const charts = (): Child => {
    if (!equity) return panel('Equity', loading('the snapshots'));
    if (equity.rows.length === 0)
      return panel(
        'Equity',
        empty('There is no snapshot yet: snapshot-balances takes one every few minutes.'),
      );
    const last = equity.rows.at(-1);
    return panel(
      `Equity of the last ${DAYS} days`,
      h(
        'p',
        { class: 'hint', key: 'words' },
        `In ${equity.quote ?? ''}, by UTC. Newest: ${amount(last?.[1], equity.quote)}.`,
      ),
      h('div', {
        class: 'chart',
        key: `worth ${context.id}`,
        role: 'img',
        'aria-label': `Worth of the account over the last ${DAYS} days, in ${equity.quote ?? ''}`,
        mount: (element: HTMLElement) => {
          worth = lineChart(element);
          requestAnimationFrame(showEquity);
        },
      }),
      h('h3', { key: 'drawdown' }, 'Drawdown, % below the peak'),
      h('div', {
        class: 'chart low',
        key: `below ${context.id}`,
        role: 'img',
        'aria-label': `Drawdown over the last ${DAYS} days, in percent below the peak; now ${last?.[2] ?? '0'} %`,
        mount: (element: HTMLElement) => {
          below = lineChart(element, { falling: true });
          requestAnimationFrame(showEquity);
        },
      }),
    );
  };

  return {
    title: 'Overview',
    draw: () => {
      const overview = context.overview();
      if (!overview) return [loading('the overview')];
      return [
        h(
          'div',
          { class: 'tiles', key: 'tiles' },
          modeTile(overview),
          streamTile(overview),
          unknownTile(overview),
          todayTile(overview),
          accountTile(overview),
        ),
        charts(),
        strategies(overview),
      ];
    },
  };
};

const modeTile = ({ default: forNew, strategies }: Overview): Child => {
  const modes = new Set([forNew.mode, ...strategies.map(({ mode }) => mode)]);
  const [one] = modes;
  const same = modes.size === 1;
  const changes = [forNew, ...strategies].filter(({ changedAt }) => changedAt !== undefined);
  const latest = changes.sort((a, b) => ((a.changedAt ?? '') < (b.changedAt ?? '') ? 1 : -1))[0];
  return tile(
    'Mode',
    same && one !== undefined ? pill(one) : [...modes].map((mode) => [pill(mode), ' ']),
    h(
      'p',
      { class: 'hint' },
      same ? 'All strategies, those to come included.' : 'Not the same for all: see the table below.',
    ),
    latest?.reason !== undefined && latest.changedAt !== undefined
      ? h('p', { class: 'hint' }, `Last change ${moment(latest.changedAt)}: “${latest.reason}”`)
      : false,
    modeButtons(same ? one : undefined),
  );
};

const streamTile = ({ stream }: Overview): Child =>
  stream
    ? tile(
        'Stream',
        stream.live ? 'live' : 'silent',
        h('p', { class: 'hint' }, `Last heartbeat ${span(stream.ageSeconds * 1_000)} ago.`),
        h('p', { class: 'hint' }, moment(stream.at)),
      )
    : tile(
        'Stream',
        'off',
        h('p', { class: 'hint' }, 'No stream task has run: orders are followed by REST.'),
      );

const unknownTile = ({ unknownOrders: { orders, complete }, unsettledOrders }: Overview): Child =>
  tile(
    'Unknown orders',
    h(
      'span',
      { class: orders.length > 0 ? 'loss' : undefined },
      `${complete ? '' : 'at least '}${orders.length}`,
    ),
    h('p', { class: 'hint' }, `${unsettledOrders} unsettled in all. Unknown: sent, outcome not known yet.`),
    orders.map(({ id, strategy, symbol, since }) =>
      h(
        'p',
        { key: id },
        h('a', { href: `#/orders/${id}` }, `${strategy} ${symbol ?? ''}`),
        ` since ${moment(since)}`,
      ),
    ),
  );

/** Exact sum of decimal texts: the digits behind the point are made the same, then whole numbers are added. */
const total = (texts: readonly string[]): string => {
  const places = Math.max(0, ...texts.map((text) => text.split('.')[1]?.length ?? 0));
  const all = texts.reduce((sum, text) => {
    const [whole = '0', part = ''] = text.split('.');
    return sum + BigInt(`${whole}${part.padEnd(places, '0')}`);
  }, 0n);
  const digits = String(all < 0n ? -all : all).padStart(places + 1, '0');
  const split = digits.length - places;
  return `${all < 0n ? '-' : ''}${digits.slice(0, split)}${places > 0 ? `.${digits.slice(split)}` : ''}`;
};

const todayTile = ({ strategies, account, now }: Overview): Child => {
  const quote = account?.quote ?? '';
  const result = total(strategies.map(({ today }) => today.realised));
  const limited = strategies.filter(({ limits }) => limits.maxDailyLoss !== undefined);
  return tile(
    'Realised today',
    h('span', { class: tone(result) }, signed(result, quote)),
    h(
      'p',
      { class: 'hint' },
      `Since ${now.slice(0, 10)} 00:00 UTC${quote === '' ? ', in the quote assets' : ''}.`,
    ),
    limited.length === 0
      ? h('p', { class: 'hint' }, 'No strategy has a limit of daily loss.')
      : limited.map(({ strategy, limits, today }) =>
          h(
            'p',
            { class: 'hint', key: strategy },
            `${strategy}: ${signed(today.realised)} of at most ${amount(`-${limits.maxDailyLoss ?? ''}`, quote)}`,
          ),
        ),
  );
};

const accountTile = ({ account }: Overview): Child =>
  account
    ? tile(
        'Account',
        amount(account.total, account.quote),
        h(
          'p',
          { class: 'hint' },
          `${amount(account.drawdownPercent)} % below its peak of ${amount(account.peak, account.quote)}${account.maxDrawdownPercent === undefined ? '' : `; limit ${amount(account.maxDrawdownPercent)} %`}`,
        ),
        h('p', { class: 'hint' }, `Taken ${moment(account.at)}`),
        account.unexplained > 0
          ? h('p', { class: 'loss' }, h('a', { href: '#/account' }, `${account.unexplained} remainders open`))
          : h('p', { class: 'hint' }, 'Everything is explained.'),
      )
    : tile('Account', '–', h('p', { class: 'hint' }, 'No snapshot yet.'));

const strategies = ({ strategies: all, account }: Overview): Child =>
  all.length === 0
    ? panel(
        'Strategies',
        empty('No alert has come yet. ', h('a', { href: '#/strategies' }, 'Alert template'), '.'),
      )
    : panel(
        'Strategies',
        table(
          'Strategies and their use of today’s limits',
          ['Strategy', 'Mode', 'Orders today', 'Notional today', 'Realised today', 'In flight'],
          all.map(({ strategy, mode, today, limits, inFlight }) => ({
            key: strategy,
            cells: [
              h('a', { href: '#/strategies' }, strategy),
              pill(mode),
              `${today.orders} of ${limits.maxOrdersPerDay}`,
              `${amount(today.notional)} of ${amount(limits.maxNotionalPerDay, account?.quote)}`,
              h('span', { class: tone(today.realised) }, signed(today.realised, account?.quote)),
              `${inFlight.length} of ${limits.maxOpenOrders}`,
            ],
          })),
        ),
      );
