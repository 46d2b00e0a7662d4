import * as z from 'zod';
import { type Balance, type ExchangeOrder, type ExchangeTrade, Side } from '../domain/exchange.ts';
import { decimal, plain } from '../domain/money.ts';
import { unreadableAnswer } from './answer.ts';
import { absentable, readWire, WireBoolean, WireDecimal, WireInteger, WireText } from './wire.ts';

/** Order object of GET order, openOrders and allOrders (reference section 8.5), in all its spellings. */
const OrderRow = z
  .object({
    symbol: WireText,
    orderId: WireText,
    clientOrderId: absentable(WireText),
    side: z.string().trim().toLowerCase().pipe(Side),
    type: WireText,
    status: absentable(WireText),
    price: absentable(WireDecimal),
    origQty: absentable(WireDecimal),
    Qty: absentable(WireDecimal),
    qty: absentable(WireDecimal),
    quantity: absentable(WireDecimal),
    origQuoteOrderQty: absentable(WireDecimal),
    executedQty: absentable(WireDecimal),
    cummulativeQuoteQty: absentable(WireDecimal),
    cumulativeQuoteQty: absentable(WireDecimal),
    time: absentable(WireInteger),
    updateTime: absentable(WireInteger),
  })
  .transform((row, context): ExchangeOrder => {
    const time = row.time ?? row.updateTime;
    if (time === undefined) {
      context.addIssue({ code: 'custom', path: ['time'], message: 'missing' });
      return z.NEVER;
    }
    const quoteQuantity = row.origQuoteOrderQty ?? '0';
    return {
      symbol: row.symbol,
      exchangeOrderId: row.orderId,
      ...(row.clientOrderId === undefined ? {} : { clientOrderId: row.clientOrderId }),
      side: row.side,
      type: row.type,
      price: row.price ?? '0',
      quantity: row.origQty ?? row.Qty ?? row.qty ?? row.quantity ?? '0',
      ...(quoteQuantity === '0' ? {} : { quoteQuantity }),
      cumQty: row.executedQty ?? '0',
      cumQuote: row.cummulativeQuoteQty ?? row.cumulativeQuoteQty ?? '0',
      status: row.status ?? 'UNKNOWN', // not terminal: reconciled by another read
      time,
      ...(row.updateTime === undefined ? {} : { updateTime: row.updateTime }),
    };
  });

/** Own trade (section 8.7). The commission's asset is read per fill, never assumed. */
const TradeRow = z
  .object({
    symbol: WireText,
    id: WireText,
    orderId: WireText,
    clientOrderId: absentable(WireText),
    price: WireDecimal,
    qty: WireDecimal,
    quoteQty: absentable(WireDecimal),
    commission: absentable(WireDecimal),
    commissionAsset: absentable(WireText),
    time: WireInteger,
    isBuyer: WireBoolean,
    isMaker: absentable(WireBoolean),
  })
  .transform((row, context): ExchangeTrade => {
    const commission = row.commission ?? '0';
    if (commission !== '0' && row.commissionAsset === undefined) {
      context.addIssue({ code: 'custom', path: ['commissionAsset'], message: 'missing' });
      return z.NEVER;
    }
    return {
      symbol: row.symbol,
      tradeId: row.id,
      exchangeOrderId: row.orderId,
      ...(row.clientOrderId === undefined ? {} : { clientOrderId: row.clientOrderId }),
      side: row.isBuyer ? 'buy' : 'sell',
      price: row.price,
      quantity: row.qty,
      quoteQuantity: row.quoteQty ?? plain(decimal(row.price).times(decimal(row.qty))),
      commission,
      commissionAsset: row.commissionAsset ?? '',
      maker: row.isMaker ?? false,
      time: row.time,
    };
  });

/** Section 8.6: `free` and `locked`; what `available` means is an open question. */
const Account = z.object({
  balances: z.array(
    z
      .object({ asset: WireText, free: absentable(WireDecimal), locked: absentable(WireDecimal) })
      .transform((row): Balance => ({ asset: row.asset, free: row.free ?? '0', locked: row.locked ?? '0' })),
  ),
});

/**
 * Answer to a cancel (section 8.4): all it says is which order was meant. Its `clientOrderId` is the cancel's own, the
 * order's is `origClientOrderId`.
 */
const Cancel = z
  .object({ orderId: WireText, origClientOrderId: absentable(WireText) })
  .transform((row) => ({ exchangeOrderId: row.orderId, clientOrderId: row.origClientOrderId }));

const Time = z.object({ serverTime: WireInteger });

const Ticker = z.object({ symbol: absentable(WireText), price: WireDecimal });

/** One order object. Throws `UnknownOutcomeError` when it cannot be read. */
export const readOrder = (data: unknown): ExchangeOrder => readWire(OrderRow, data, 'order');

/** Which order a cancel was taken for. Throws `UnknownOutcomeError` when the answer names none. */
export const readCancel = (data: unknown) => readWire(Cancel, data, 'cancel');

/** All rows or none: an answer with one unreadable row proves nothing, so it throws `UnknownOutcomeError`. */
export const readOrders = (data: unknown): readonly ExchangeOrder[] =>
  readWire(z.array(OrderRow), data, 'orders');

/** All rows or none, as `readOrders`. */
export const readTrades = (data: unknown): readonly ExchangeTrade[] =>
  readWire(z.array(TradeRow), data, 'trades');

/** All balances or none: a dropped row would look like lost coins. */
export const readBalances = (data: unknown): readonly Balance[] =>
  readWire(Account, data, 'account').balances;

/** Exchange time, epoch ms. */
export const readServerTime = (data: unknown): number => readWire(Time, data, 'time').serverTime;

/** Price of `symbol` from one ticker, or from the list of all tickers (sections 7.1 and 7.6). */
export const readPrice = (data: unknown, symbol: string): string => {
  const rows: readonly unknown[] = Array.isArray(data) ? data : [data];
  for (const row of rows) {
    const ticker = Ticker.safeParse(row);
    if (ticker.success && (ticker.data.symbol === symbol || (rows.length === 1 && !ticker.data.symbol))) {
      return ticker.data.price;
    }
  }
  throw unreadableAnswer('ticker price');
};
