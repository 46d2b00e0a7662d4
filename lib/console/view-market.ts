import type { Candles, FillRow, Series } from './answers.ts';
import { get } from './api.ts';
import { type CandleChart, candleChart, type Forming, HOLES } from './chart.ts';
import { type Child, chosenIn, h } from './dom.ts';
import { amount, assetsOf, moment } from './format.ts';
import { type Context, empty, loading, panel, table, type View } from './view.ts';

const EVERY = 3_000;
const SERIES_EVERY = 60_000;
const FILLS_EVERY = 5_000;
/** Rows of a table below the chart. */
const LISTED = 20;
/** Slots of one page. */
const PAGE = 500;

const MINUTE = 60_000;
const DAY = 86_400_000;
/** About as long as a candle is, ms; of a month the longest. */
const LENGTH: Readonly<Record<string, number>> = {
  '1m': MINUTE,
  '5m': 5 * MINUTE,
  '15m': 15 * MINUTE,
  '30m': 30 * MINUTE,
  '60m': 60 * MINUTE,
  '4h': 240 * MINUTE,
  '1d': DAY,
  '1W': 7 * DAY,
  '1M': 31 * DAY,
};

/** Candles of a stored series, and what was traded on them. */
export const marketView = (context: Context): View => {
  let all: readonly Series[] | undefined;
  let candles: Candles | undefined;
  let chart: CandleChart | undefined;
  let series: Series | undefined;
  let oldest: number | undefined;
  let asking = false;
  let forming: Forming | undefined;
  let fills: readonly FillRow[] = [];

  const slotOf = (): number => LENGTH[series?.interval ?? ''] ?? MINUTE;
  const choose = (): Series | undefined => {
    const symbol = context.query.get('symbol');
    const interval = context.query.get('interval');
    const ofSymbol = all?.filter((each) => each.symbol === (symbol ?? all?.[0]?.symbol)) ?? [];
    return ofSymbol.find((each) => each.interval === interval) ?? ofSymbol[0] ?? all?.[0];
  };

  context.poll(SERIES_EVERY, async () => {
    all = (await get<{ series: readonly Series[] }>('series')).series;
    if (series) return;
    series = choose();
    if (!series) return;
    context.poll(EVERY, readNewest);
    context.poll(FILLS_EVERY, readFills);
  });

  const readNewest = async (): Promise<void> => {
    const page = await get<Candles>('candles', { ...series, limit: PAGE });
    candles = candles ? merged(candles, page) : page;
    oldest ??= Date.now() - PAGE * slotOf();
    form();
    show();
  };
  const readFills = async (): Promise<void> => {
    const from = new Date(oldest ?? Date.now() - PAGE * slotOf()).toISOString();
    ({ fills } = await get<{ fills: readonly FillRow[] }>('fills', {
      symbol: series?.symbol,
      from,
      limit: 2_000,
    }));
    chart?.mark(fills);
  };
  const readOlder = async (): Promise<void> => {
    if (asking || oldest === undefined || !candles) return;
    // Nothing before the first candle that there ever was.
    if (candles.holes.some(({ from, label }) => label === 'not-listed' && Date.parse(from) <= (oldest ?? 0)))
      return;
    asking = true;
    const to = oldest;
    const from = to - PAGE * slotOf();
    try {
      const page = await get<Candles>('candles', { ...series, from, to, limit: PAGE * 2 });
      oldest = from;
      candles = merged(page, candles);
      show();
      await readFills();
    } finally {
      asking = false;
    }
  };

  /** The live last candle, from the last prices of the stream: only what this page has seen of it. */
  const form = (): void => {
    const price = Number(context.overview()?.stream?.prices[series?.symbol ?? '']);
    if (!(price > 0) || slotOf() > DAY) {
      forming = undefined;
      return;
    }
    const at = Math.floor(Date.now() / slotOf()) * slotOf();
    forming =
      forming?.at === at
        ? { ...forming, high: Math.max(forming.high, price), low: Math.min(forming.low, price), close: price }
        : { at, open: price, high: price, low: price, close: price };
  };
  const show = (): void => {
    if (candles) chart?.show(candles, slotOf(), forming);
    chart?.mark(fills);
  };
  context.onLeave(() => chart?.remove());

  const goTo = (change: Partial<Series>): void =>
    context.go(`#/market?${new URLSearchParams({ ...series, ...change })}`);
  const choices = (): Child => {
    const symbols = [...new Set(all?.map(({ symbol }) => symbol))].sort();
    const intervals = (all ?? [])
      .filter(({ symbol }) => symbol === series?.symbol)
      .map(({ interval }) => interval);
    const select = (
      label: string,
      chosen: string | undefined,
      values: readonly string[],
      go: (value: string) => void,
    ): Child =>
      h(
        'div',
        { class: 'field' },
        h('label', { for: `choose-${label}` }, label),
        h(
          'select',
          { id: `choose-${label}`, onchange: (event: Event) => go(chosenIn(event)) },
          values.map((value) => h('option', { value, selected: value === chosen, key: value }, value)),
        ),
      );
    return h(
      'div',
      { class: 'filters', key: 'choices' },
      select('Symbol', series?.symbol, symbols, (symbol) => goTo({ symbol })),
      select('Interval', series?.interval, intervals, (interval) => goTo({ interval })),
    );
  };

  const last = (): Child => {
    const [base, quote] = assetsOf(series?.symbol);
    const row = candles?.rows.at(-1);
    if (!row) return empty('No candle of these last slots is stored.');
    const [at, open, high, low, close, volume] = row;
    return h(
      'p',
      { key: 'last' },
      `Last closed candle, ${moment(at)}: open ${amount(open)}, high ${amount(high)}, low ${amount(low)}, close ${amount(close, quote)}, volume ${amount(volume, base)}. `,
      forming
        ? `Forming, by the stream: ${amount(String(forming.close), quote)}.`
        : 'No stream tells its price, so the forming candle is not shown.',
    );
  };

  return {
    title: 'Market',
    draw: () => {
      if (!all) return [loading('the series')];
      if (!series) return [empty('No candles are stored yet: pull-klines stores them every few minutes.')];
      return [
        choices(),
        h('p', { class: 'legend', key: 'legend' }, [
          h('span', { class: 'swatch buy' }, 'own buy'),
          h('span', { class: 'swatch sell' }, 'own sell'),
          Object.keys(HOLES).map((label) => h('span', { class: `swatch ${label}` }, `hole: ${label}`)),
        ]),
        h('div', {
          class: 'chart high',
          key: `candles ${context.id}`,
          role: 'img',
          'aria-label': `Candles of ${series.symbol}, ${series.interval}, with own trades; the tables below say the same in words`,
          mount: (element: HTMLElement) => {
            chart = candleChart(element);
            chart.onOld(() => void readOlder());
            requestAnimationFrame(show);
          },
        }),
        candles ? last() : loading('the candles'),
        fillsOf(fills, series.symbol),
        candles ? holes(candles) : false,
      ];
    },
  };
};

const holes = ({ holes: all }: Candles): Child =>
  panel(
    'Holes in what is shown',
    all.length === 0
      ? empty('None: every slot has its candle.')
      : table(
          `Slots without a candle, newest first${all.length > LISTED ? `: ${LISTED} of ${all.length}` : ''}`,
          ['From', 'To', 'Label'],
          [...all]
            .reverse()
            .slice(0, LISTED)
            .map(({ from, to, label }) => ({
              key: `${from} ${label}`,
              cells: [moment(from), moment(to), label],
            })),
        ),
  );

const fillsOf = (all: readonly FillRow[], symbol: string): Child => {
  const [base, quote] = assetsOf(symbol);
  return panel(
    'Own trades in what is shown',
    all.length === 0
      ? empty('None.')
      : table(
          `Own trades, newest first${all.length > LISTED ? `: ${LISTED} of ${all.length}` : ''}`,
          ['Time', 'Side', 'Quantity', 'Price', 'Order'],
          [...all]
            .sort((a, b) => (a.time < b.time ? 1 : -1))
            .slice(0, LISTED)
            .map(({ tradeId, time, side, quantity, price, order }) => ({
              key: tradeId,
              cells: [
                moment(time),
                side,
                amount(quantity, base),
                amount(price, quote),
                h('a', { href: `#/orders/${order}` }, 'its life'),
              ],
            })),
        ),
  );
};

/** Both, ascending; where they overlap, the later one holds. */
const merged = (before: Candles, after: Candles): Candles => {
  const rows = new Map([...before.rows, ...after.rows].map((row) => [row[0], row]));
  const found = new Map([...before.holes, ...after.holes].map((hole) => [hole.from, hole]));
  return {
    rows: [...rows.values()].sort((a, b) => a[0] - b[0]),
    holes: [...found.values()]
      .filter(({ from }) => !rows.has(Date.parse(from)))
      .sort((a, b) => (a.from < b.from ? -1 : 1)),
  };
};
