import { type CsvRow, toCsv } from '../../usecases/csv.ts';
import { UsageError } from '../program.ts';
import { jsonLine, type Session } from './session.ts';
import { FillPage, type FillView, OrderPage, type OrderView, Positions } from './shapes.ts';

export type Exported = 'orders' | 'fills';
export type Format = 'csv' | 'ndjson';

export interface ExportAsked {
  readonly what: Exported;
  /** First moment of the range. */
  readonly from: string;
  /** Moment after the range; absent: now. */
  readonly to?: string;
  readonly format: Format;
}

const DAY = 86_400_000;
/** Of one answer, which holds 5 MB at most: an order takes some 2 KB with its history, a fill 0.5 KB. */
const ORDERS_PAGE = 1_000;
const FILLS_PAGE = 5_000;

const ORDER_COLUMNS = [
  'createdAt',
  'updatedAt',
  'id',
  'strategy',
  'symbol',
  'action',
  'side',
  'type',
  'state',
  'quantity',
  'quoteQuantity',
  'price',
  'filledQuantity',
  'filledQuote',
  'averagePrice',
  'exchangeOrderId',
  'clientOrderId',
  'code',
  'reason',
  'test',
] as const;

const FILL_COLUMNS = [
  'time',
  'symbol',
  'side',
  'quantity',
  'price',
  'quoteQuantity',
  'commission',
  'commissionAsset',
  'realised',
  'maker',
  'strategy',
  'order',
  'exchangeOrderId',
  'tradeId',
  'appliedAt',
] as const;

/** `export`: every order or fill of a range, oldest first. @returns exit status */
export const exportRange = async (asked: ExportAsked, session: Session): Promise<number> => {
  const { what, format } = asked;
  const range = rangeOf(asked, session.now());
  const columns = what === 'orders' ? ORDER_COLUMNS : FILL_COLUMNS;
  if (format === 'csv') session.write(toCsv(columns, []));
  let count = 0;
  const past = { ...range, to: Math.max(range.from, Math.min(range.to, session.now() + DAY)) };
  for await (const rows of what === 'orders' ? ordersIn(past, session) : fillsIn(past, session)) {
    count += rows.length;
    if (rows.length > 0) session.write(format === 'csv' ? csvOf(columns, rows) : ndjsonOf(rows));
  }
  session.warn(`${count} ${what} from ${iso(range.from)} until before ${iso(range.to)}.`);
  return 0;
};

interface Period {
  /** Epoch ms. */
  readonly from: number;
  readonly to: number;
}

const iso = (ms: number): string => new Date(ms).toISOString();

const rangeOf = ({ from, to }: Pick<ExportAsked, 'from' | 'to'>, now: number): Period => {
  const read = (name: string, text: string): number => {
    const ms = Date.parse(text);
    if (Number.isFinite(ms)) return ms;
    throw new UsageError(`--${name} must be a time such as 2026-01-01 or 2026-01-01T00:00:00Z.`);
  };
  const range = { from: read('from', from), to: to === undefined ? now : read('to', to) };
  if (range.from > range.to) throw new UsageError('--from must not be after --to.');
  return range;
};

type Row = Readonly<Record<string, unknown>>;

const ndjsonOf = (rows: readonly Row[]): string => rows.map((row) => `${jsonLine(row)}\n`).join('');

/** Lines without the head. */
const csvOf = (columns: readonly string[], rows: readonly Row[]): string => {
  const cells = rows.map(
    (row): CsvRow =>
      Object.fromEntries(
        columns.map((name) => [name, row[name] === undefined ? undefined : String(row[name])]),
      ),
  );
  return toCsv(columns, cells).slice(toCsv(columns, []).length);
};

/** Month by month (UTC), since the listing goes from the newest to the oldest: no more than a month is held. */
async function* ordersIn({ from, to }: Period, { api, progress }: Session): AsyncGenerator<OrderView[]> {
  const bar = progress(Math.ceil((to - from) / DAY), 'days');
  for (let start = from; start < to; ) {
    const end = Math.min(to, nextMonth(start));
    const orders: OrderView[] = [];
    let cursor: string | undefined;
    do {
      const page = await api.get('/orders', OrderPage, {
        from: iso(start),
        to: iso(end),
        limit: ORDERS_PAGE,
        cursor,
      });
      orders.push(...page.orders);
      cursor = page.next;
    } while (cursor !== undefined);
    yield orders.reverse();
    start = end;
    bar.show(Math.floor((end - from) / DAY));
  }
  bar.end();
}

const nextMonth = (ms: number): number => {
  const at = new Date(ms);
  return Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1);
};

/** All at once: the listing goes lane by lane, and who reads it wants it by time. */
async function* fillsIn({ from, to }: Period, { api, progress }: Session): AsyncGenerator<FillView[]> {
  const { positions } = await api.get('/positions', Positions);
  const bar = progress(positions.length, 'positions');
  const reached = (fill: FillView): number =>
    positions.filter(
      ({ strategy, symbol }) =>
        strategy < fill.strategy || (strategy === fill.strategy && symbol <= fill.symbol),
    ).length;
  const fills: FillView[] = [];
  let cursor: string | undefined;
  do {
    const page = await api.get('/fills', FillPage, {
      from: iso(from),
      to: iso(to),
      limit: FILLS_PAGE,
      cursor,
    });
    fills.push(...page.fills);
    cursor = page.next;
    const last = page.fills.at(-1);
    if (last && cursor !== undefined) bar.show(reached(last) - 1);
  } while (cursor !== undefined);
  bar.show(positions.length);
  bar.end();
  yield fills.sort((a, b) => (a.time === b.time ? 0 : a.time < b.time ? -1 : 1));
}
