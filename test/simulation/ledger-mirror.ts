import { isDeepStrictEqual } from 'node:util';
import type { DynamoInTime } from '../support/memory-dynamo/client.ts';
import { TABLES } from './store-port.ts';

/** Items as the tables have them, read past everything that the product reads them with. */
export interface StoredFacts {
  readonly exchangeOrderId: string;
  readonly cumQty: string;
  readonly cumQuote: string;
  readonly status: string;
  readonly terminal: boolean;
}
export interface StoredAttempt {
  readonly n: number;
  readonly clientOrderId: string;
  readonly nonce: string;
  readonly signedAt: number;
  readonly until: number;
  readonly outcome: string;
  readonly facts?: StoredFacts;
  readonly twins?: readonly StoredFacts[];
  readonly evidence?: readonly Readonly<Record<string, string | number>>[];
}
export interface StoredOrder {
  readonly id: string;
  readonly strategy: string;
  readonly symbol?: string;
  readonly origin: string;
  readonly test: boolean;
  readonly asked: string;
  readonly arrival: number;
  readonly alertTime?: number;
  readonly sequence?: number;
  readonly action?: string;
  readonly type?: string;
  readonly side?: string;
  readonly quantity?: string;
  readonly state: string;
  readonly attempts: readonly StoredAttempt[];
  readonly day?: string;
  readonly notional?: string;
  readonly reserved: string;
  readonly fillsQty: string;
  readonly settled: boolean;
  readonly contradiction?: boolean;
  readonly history: readonly { readonly at: number; readonly state: string; readonly detail?: string }[];
  readonly unsettled?: string;
  readonly version: number;
}
export interface StoredStrategy {
  readonly strategy: string;
  readonly mode: string;
  readonly epoch: number;
  readonly flatten?: string;
  readonly day: string;
  readonly dayOrders: number;
  readonly dayNotional: string;
  readonly reserved: string;
  readonly inFlight: Readonly<Record<string, { readonly attempt: number; readonly until: number }>>;
}
export interface StoredLane {
  readonly strategy: string;
  readonly symbol: string;
  readonly quantity: string;
  readonly adopted?: { readonly total: string };
  readonly holder?: { readonly order: string; readonly attempt: number };
  readonly resting: Readonly<Record<string, { readonly side: string; readonly open: string }>>;
  readonly queue: readonly { readonly id: string; readonly arrival: number }[];
  readonly intent?: { readonly time: number; readonly sequence?: number };
  readonly version: number;
}
export interface StoredFill {
  readonly symbol: string;
  readonly tradeId: string;
  readonly order: string;
  readonly strategy: string;
  readonly exchangeOrderId: string;
  readonly side: string;
  readonly quantity: string;
  readonly quoteQuantity: string;
  readonly commission: string;
  readonly commissionAsset: string;
}

/** Everything that lies in the tables at one moment. */
export interface Ledger {
  readonly orders: Map<string, StoredOrder>;
  readonly strategies: Map<string, StoredStrategy>;
  /** By `strategy symbol`. */
  readonly lanes: Map<string, StoredLane>;
  /** By `symbol trade`. */
  readonly fills: Map<string, StoredFill>;
}

/** What one committed write changed, with what was there before. */
export interface Written {
  readonly orders: readonly { readonly before: StoredOrder | undefined; readonly after: StoredOrder }[];
  readonly strategies: readonly {
    readonly before: StoredStrategy | undefined;
    readonly after: StoredStrategy;
  }[];
  readonly lanes: readonly { readonly before: StoredLane | undefined; readonly after: StoredLane }[];
  readonly fills: readonly { readonly before: StoredFill | undefined; readonly after: StoredFill }[];
}

export const laneKey = ({ strategy, symbol }: { readonly strategy: string; readonly symbol?: string }) =>
  `${strategy} ${symbol ?? ''}`;

type Wire = Readonly<Record<string, unknown>>;

const isRecord = (value: unknown): value is Wire => typeof value === 'object' && value !== null;

/** Amounts that the tables hold as numbers. */
const AMOUNTS = new Set(['dayNotional', 'reserved']);

const decoded = (value: unknown, name: string): unknown => {
  if (!isRecord(value)) return undefined;
  if ('S' in value) return value.S;
  if ('N' in value) return AMOUNTS.has(name) ? value.N : Number(value.N);
  if ('BOOL' in value) return value.BOOL;
  if (Array.isArray(value.L)) return value.L.map((each) => decoded(each, ''));
  if (isRecord(value.M)) return item(value.M);
  return undefined;
};
const item = (wire: Wire): Record<string, unknown> =>
  Object.fromEntries(Object.entries(wire).map(([name, value]) => [name, decoded(value, name)]));

const keysOf = (
  operation: string,
  request: Wire,
): readonly { table: string; key: unknown; item: unknown }[] => {
  const { TransactItems, TableName, Key, Item } = request;
  if (operation === 'PutItem' || operation === 'UpdateItem')
    return [{ table: String(TableName), key: Key, item: Item }];
  if (operation !== 'TransactWriteItems' || !Array.isArray(TransactItems)) return [];
  return TransactItems.flatMap((each) => {
    const [kind, write] = isRecord(each) ? (Object.entries(each)[0] ?? []) : [];
    return isRecord(write) && kind !== 'ConditionCheck'
      ? [{ table: String(write.TableName), key: write.Key, item: write.Item }]
      : [];
  });
};

const KEYS: Readonly<Record<string, readonly string[]>> = {
  [TABLES.orders]: ['id'],
  [TABLES.strategies]: ['strategy'],
  [TABLES.positions]: ['strategy', 'symbol'],
  [TABLES.fills]: ['symbol', 'tradeId'],
};

/**
 * Wraps the engine so that every committed write is copied and shown, in the state before anything else happens.
 * @param onWrite called after each write that applied and changed one of the four tables of orders
 */
export const mirrored = (
  dynamo: DynamoInTime,
  ledger: Ledger,
  onWrite: (written: Written) => void,
): DynamoInTime => {
  /** Nothing for a repetition that the store knew by its token. */
  const take = <Stored>(
    map: Map<string, Stored>,
    key: string,
    after: Stored,
  ): { before: Stored | undefined; after: Stored }[] => {
    const before = map.get(key);
    if (before && isDeepStrictEqual(before, after)) return [];
    map.set(key, after);
    return [{ before, after }];
  };
  const show = (places: readonly Place[], answers: readonly Wire[]): void => {
    const written = {
      orders: [] as Written['orders'][number][],
      strategies: [] as Written['strategies'][number][],
      lanes: [] as Written['lanes'][number][],
      fills: [] as Written['fills'][number][],
    };
    for (const [index, { table }] of places.entries()) {
      const wire = answers[index]?.Item;
      if (!isRecord(wire)) continue;
      // biome-ignore lint/suspicious/noExplicitAny: the shapes are the interfaces above; what breaks them fails a check
      const stored = item(wire) as any;
      if (table === TABLES.orders) written.orders.push(...take(ledger.orders, stored.id, stored));
      if (table === TABLES.strategies)
        written.strategies.push(...take(ledger.strategies, stored.strategy, stored));
      if (table === TABLES.positions) written.lanes.push(...take(ledger.lanes, laneKey(stored), stored));
      if (table === TABLES.fills)
        written.fills.push(...take(ledger.fills, `${stored.symbol} ${stored.tradeId}`, stored));
    }
    if (written.orders.length + written.strategies.length + written.lanes.length + written.fills.length > 0)
      onWrite(written);
  };
  return {
    ...dynamo,
    execute: (operation, request) => {
      const places = placesOf(operation, request);
      const answer = dynamo.execute(operation, request);
      if (places.length === 0) return answer;
      const look = () =>
        places.map(({ table, key }) =>
          dynamo.execute('GetItem', { TableName: table, Key: key, ConsistentRead: true }),
        );
      if (answer instanceof Promise)
        return answer.then(async (given) => {
          show(places, await Promise.all(look()));
          return given;
        });
      show(
        places,
        look().flatMap((each) => (each instanceof Promise ? [] : [each])),
      );
      return answer;
    },
  };
};

interface Place {
  readonly table: string;
  readonly key: Wire;
}

/** Items of the four tables that a write is about. */
const placesOf = (operation: string, request: Wire): readonly Place[] =>
  keysOf(operation, request).flatMap(({ table, key, item: put }) => {
    const names = KEYS[table];
    const source = key ?? put;
    if (!names || !isRecord(source)) return [];
    return [{ table, key: Object.fromEntries(names.map((name) => [name, source[name]])) }];
  });
