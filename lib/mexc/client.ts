import { ExchangeError, FatalError } from '../domain/exchange-errors.ts';
import type { Exchange, OrderQuery } from '../domain/ports.ts';
import { readBalances, readCancel, readOrder, readOrders, readPrice, readTrades } from './account-data.ts';
import { unreadableAnswer } from './answer.ts';
import { type Call, publicGet, range, signedGet } from './calls.ts';
import { createPlacement } from './placement.ts';
import { type MexcClientOptions, type MexcSession, openSession } from './session.ts';
import type { QueryParameters } from './signing.ts';
import { readOwnSymbols, readSymbolRules } from './symbol-data.ts';
import { ORDER_CALL } from './weights.ts';

/** Above this many names the query grows too long, and all symbols cost the same weight (reference section 7.1). */
const MOST_NAMES = 50;
const MOST_ORDERS = 1000;
const MOST_TRADES = 100;
const EXCHANGE_INFO_BYTES = 32 * 2 ** 20;
const EXCHANGE_INFO_TRY_MS = 15_000;

const exchangeInfo = (parameters: QueryParameters, priority: Call['priority']): Call => ({
  ...publicGet('/api/v3/exchangeInfo', parameters, priority),
  maxBytes: EXCHANGE_INFO_BYTES,
  tryMs: EXCHANGE_INFO_TRY_MS,
});

const identification = ({ symbol, by }: OrderQuery): QueryParameters => [
  ['symbol', symbol],
  'clientOrderId' in by ? ['origClientOrderId', by.clientOrderId] : ['orderId', by.exchangeOrderId],
];

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof ExchangeError && error.code === code && error.status !== undefined;

const isAboutAsked = (
  order: { readonly exchangeOrderId: string; readonly clientOrderId?: string | undefined },
  by: OrderQuery['by'],
): boolean =>
  'clientOrderId' in by
    ? order.clientOrderId === undefined || order.clientOrderId === by.clientOrderId
    : order.exchangeOrderId === by.exchangeOrderId;

/** The MEXC spot V3 client (reference/mexc-api.md). Making it opens no connection. */
export const createMexcClient = (options: MexcClientOptions): Exchange & { close(): Promise<void> } => {
  const session = openSession(options);
  return { ...createExchange(session), close: session.close };
};

/** The trading side of the exchange over connections and budget that others share. */
export const createExchange = (session: MexcSession): Exchange => {
  const { caller, clock } = session;
  return {
    ...createPlacement(session),

    measureTime: caller.measureTime,

    symbolRules: async (symbols, callOptions) => {
      if (symbols.length === 0) return [];
      const priority = symbols === 'all' ? 'bulk' : 'entry';
      const ownCall = signedGet('/api/v3/selfSymbols', [], priority);
      const own = readOwnSymbols((await caller.read(ownCall, callOptions)).data);
      const wanted = symbols === 'all' ? symbols : new Set(symbols);
      const names = wanted === 'all' ? [] : [...wanted];
      const named: QueryParameters =
        names.length === 1 ? [['symbol', names.join()]] : [['symbols', names.join()]];
      const ask = async (parameters: QueryParameters) => {
        const reply = await caller.read(exchangeInfo(parameters, priority), callOptions);
        return readSymbolRules(reply.data, own, wanted, clock.now());
      };
      if (names.length === 0 || names.length > MOST_NAMES) return ask([]);
      try {
        return await ask(named);
      } catch (error) {
        if (!hasCode(error, '-1121')) throw error;
        return names.length === 1 ? [] : ask([]); // one unknown name fails the whole list
      }
    },

    lastPrice: async (symbol, callOptions) => {
      if (symbol === '') throw new FatalError('invalid_request', 'A price needs a symbol.');
      const call = publicGet('/api/v3/ticker/price', [['symbol', symbol]], 'entry');
      return readPrice((await caller.read(call, callOptions)).data, symbol);
    },

    balances: async (callOptions) =>
      readBalances((await caller.read(signedGet('/api/v3/account', [], 'entry'), callOptions)).data),

    findOrder: async (query, callOptions) => {
      try {
        const call = signedGet('/api/v3/order', identification(query), 'evidence');
        const order = readOrder((await caller.read(call, callOptions)).data);
        if (!isAboutAsked(order, query.by)) throw unreadableAnswer('order: another one than asked for');
        return order;
      } catch (error) {
        if (hasCode(error, '-2013')) return undefined;
        throw error;
      }
    },

    openOrders: async (symbol, callOptions) => {
      const parameters: QueryParameters = symbol === undefined ? [] : [['symbol', symbol]];
      const call = signedGet('/api/v3/openOrders', parameters, 'listing');
      return readOrders((await caller.read(call, callOptions)).data);
    },

    allOrders: async (query, callOptions) => {
      const parameters: QueryParameters = [['symbol', query.symbol], ...range(query, MOST_ORDERS)];
      const call = signedGet('/api/v3/allOrders', parameters, 'listing');
      return readOrders((await caller.read(call, callOptions)).data);
    },

    ownTrades: async (query, callOptions) => {
      const { symbol, exchangeOrderId } = query;
      const parameters: QueryParameters = [
        ['symbol', symbol],
        ...(exchangeOrderId === undefined ? [] : [['orderId', exchangeOrderId] as const]),
        ...range(query, MOST_TRADES),
      ];
      const call = signedGet('/api/v3/myTrades', parameters, 'evidence');
      return readTrades((await caller.read(call, callOptions)).data);
    },

    cancelOrder: async (query, callOptions) => {
      const call: Call = {
        method: 'DELETE',
        path: '/api/v3/order',
        parameters: identification(query),
        signed: true,
        need: ORDER_CALL,
        priority: 'cancel',
      };
      try {
        const cancelled = readCancel((await caller.once(call, callOptions)).data);
        if (!isAboutAsked(cancelled, query.by))
          throw unreadableAnswer('cancel: another order than asked for');
        return 'accepted'; // its `status` may be the one before the cancel (section 8.4)
      } catch (error) {
        if (hasCode(error, '-2011')) return 'not-found';
        throw error;
      }
    },
  };
};
