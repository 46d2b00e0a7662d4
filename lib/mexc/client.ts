import { AppError } from '../domain/errors.ts';
import { ExchangeError, FatalError } from '../domain/exchange-errors.ts';
import type { ExchangeClock } from '../domain/exchange-time.ts';
import type { Clock, Exchange, HistoryQuery, OrderQuery } from '../domain/ports.ts';
import { readBalances, readOrder, readOrders, readPrice, readTrades } from './account-data.ts';
import { unreadableAnswer } from './answer.ts';
import { type Call, createCaller, type MexcCredentials } from './caller.ts';
import { borrowedConnections, createConnections, type HttpDispatcher } from './connections.ts';
import { createPlacement } from './placement.ts';
import type { QueryParameters } from './signing.ts';
import { readOwnSymbols, readSymbolRules } from './symbol-data.ts';
import { createTransport, realTimer, type SetTimer } from './transport.ts';

export interface MexcClientOptions {
  /** Origin without a path, e.g. `https://api.mexc.com`. */
  readonly baseUrl: string;
  /** Asked for at every signed call; may throw (`NotConfiguredError`). */
  readonly credentials: () => Promise<MexcCredentials>;
  readonly clock: Clock;
  readonly exchangeClock: ExchangeClock;
  /** In `[0, 1)`. @default Math.random */
  readonly random?: () => number;
  /**
   * Takes every request instead of the client's own connections, keeps undici's contract (`onRequestStart` before the
   * first byte), and is closed by its owner.
   */
  readonly dispatcher?: HttpDispatcher;
  /** Deadlines of requests; injected where time is virtual. @default setTimeout */
  readonly setTimer?: SetTimer;
}

/** Above this many names the query grows too long, and all symbols cost the same weight (reference section 7.1). */
const MOST_NAMES = 50;
const MOST_ORDERS = 1000;
const MOST_TRADES = 100;
const EXCHANGE_INFO_BYTES = 32 * 2 ** 20;
const EXCHANGE_INFO_TRY_MS = 15_000;

const get = (path: string, parameters: QueryParameters): Call => ({
  method: 'GET',
  path,
  parameters,
  signed: true,
});

const publicGet = (path: string, parameters: QueryParameters): Call => ({
  ...get(path, parameters),
  signed: false,
});

const exchangeInfo = (parameters: QueryParameters): Call => ({
  ...publicGet('/api/v3/exchangeInfo', parameters),
  maxBytes: EXCHANGE_INFO_BYTES,
  tryMs: EXCHANGE_INFO_TRY_MS,
});

const identification = ({ symbol, by }: OrderQuery): QueryParameters => [
  ['symbol', symbol],
  'clientOrderId' in by ? ['origClientOrderId', by.clientOrderId] : ['orderId', by.exchangeOrderId],
];

const range = ({ from, to, limit }: HistoryQuery, most: number): QueryParameters => [
  ...(from === undefined ? [] : [['startTime', String(Math.floor(from))] as const]),
  ...(to === undefined ? [] : [['endTime', String(Math.ceil(to))] as const]),
  ['limit', String(Math.min(Math.max(Math.trunc(limit), 1), most))],
];

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof ExchangeError && error.code === code && error.status !== undefined;

const originOf = (baseUrl: string): string => {
  const url = URL.parse(baseUrl);
  if (url && /^https?:$/u.test(url.protocol) && url.pathname === '/' && url.search === '') return url.origin;
  throw new AppError(
    'invalid_base_url',
    'The exchange address must be http(s)://host[:port] without a path.',
  );
};

/** The MEXC spot V3 client (reference/mexc-api.md). Making it opens no connection. */
export const createMexcClient = (options: MexcClientOptions): Exchange & { close(): Promise<void> } => {
  const { clock, credentials, setTimer = realTimer } = options;
  const connections = options.dispatcher
    ? borrowedConnections(options.dispatcher)
    : createConnections(originOf(options.baseUrl), clock);
  const transport = createTransport(connections, clock, setTimer);
  const caller = createCaller({
    transport,
    credentials,
    clock,
    exchangeClock: options.exchangeClock,
    random: options.random ?? Math.random,
    setTimer,
  });
  const placement = createPlacement(transport, credentials);

  return {
    ...placement,

    measureTime: caller.measureTime,

    symbolRules: async (symbols, callOptions) => {
      if (symbols.length === 0) return [];
      const own = readOwnSymbols((await caller.read(get('/api/v3/selfSymbols', []), callOptions)).data);
      const wanted = symbols === 'all' ? symbols : new Set(symbols);
      const names = wanted === 'all' ? [] : [...wanted];
      const named: QueryParameters =
        names.length === 1 ? [['symbol', names.join()]] : [['symbols', names.join()]];
      const ask = async (parameters: QueryParameters) => {
        const reply = await caller.read(exchangeInfo(parameters), callOptions);
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
      const reply = await caller.read(publicGet('/api/v3/ticker/price', [['symbol', symbol]]), callOptions);
      return readPrice(reply.data, symbol);
    },

    balances: async (callOptions) =>
      readBalances((await caller.read(get('/api/v3/account', []), callOptions)).data),

    findOrder: async (query, callOptions) => {
      try {
        const reply = await caller.read(get('/api/v3/order', identification(query)), callOptions);
        const order = readOrder(reply.data);
        const { by } = query;
        const isAsked =
          'clientOrderId' in by
            ? order.clientOrderId === undefined || order.clientOrderId === by.clientOrderId
            : order.exchangeOrderId === by.exchangeOrderId;
        if (!isAsked) throw unreadableAnswer('order: another one than asked for');
        return order;
      } catch (error) {
        if (hasCode(error, '-2013')) return undefined;
        throw error;
      }
    },

    openOrders: async (symbol, callOptions) => {
      const parameters: QueryParameters = symbol === undefined ? [] : [['symbol', symbol]];
      return readOrders((await caller.read(get('/api/v3/openOrders', parameters), callOptions)).data);
    },

    allOrders: async (query, callOptions) => {
      const parameters: QueryParameters = [['symbol', query.symbol], ...range(query, MOST_ORDERS)];
      return readOrders((await caller.read(get('/api/v3/allOrders', parameters), callOptions)).data);
    },

    ownTrades: async (query, callOptions) => {
      const { symbol, exchangeOrderId } = query;
      const parameters: QueryParameters = [
        ['symbol', symbol],
        ...(exchangeOrderId === undefined ? [] : [['orderId', exchangeOrderId] as const]),
        ...range(query, MOST_TRADES),
      ];
      return readTrades((await caller.read(get('/api/v3/myTrades', parameters), callOptions)).data);
    },

    cancelOrder: async (query, callOptions) => {
      try {
        const call: Call = { ...get('/api/v3/order', identification(query)), method: 'DELETE' };
        const { data } = await caller.once(call, callOptions);
        if (typeof data !== 'object' || data === null || Array.isArray(data))
          throw unreadableAnswer('cancel');
        return 'accepted'; // its `status` may be the one before the cancel (section 8.4)
      } catch (error) {
        if (hasCode(error, '-2011')) return 'not-found';
        throw error;
      }
    },

    close: () => connections.close(),
  };
};
