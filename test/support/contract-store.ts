import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import {
  type AttributeValue,
  BatchWriteItemCommand,
  DynamoDBClient,
  PutItemCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';
import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { createTables } from '../../infra/local/dynamo-tables.ts';
import type { Clock, Ledger, Pace, ReadBudget, RunLease } from '../../lib/domain/ports.ts';
import type { Strategy } from '../../lib/domain/strategy.ts';
import { createDynamo, type Dynamo, type Tables } from '../../lib/dynamo/client.ts';
import { asNumber } from '../../lib/dynamo/items.ts';
import { createLedger } from '../../lib/dynamo/ledger.ts';
import { createPace } from '../../lib/dynamo/pace.ts';
import { createReadBudget } from '../../lib/dynamo/read-budget.ts';
import { createRunLease } from '../../lib/dynamo/run-lease.ts';
import { systemClock } from '../../lib/runtime/clock.ts';
import { type DynamoProxy, startProxy } from './dynamo-proxy.ts';
import type { OnEngine } from './engines.ts';

/** One process of the system: its own client, its own clock. */
export interface Process {
  readonly dynamo: Dynamo;
  readonly ledger: Ledger;
  readonly pace: Pace;
  readonly reads: ReadBudget;
  readonly lease: RunLease;
}

export interface Store extends Process {
  readonly proxy: DynamoProxy;
  readonly tables: Tables;
  /** Another process on the same tables. */
  process(clock?: Clock): Promise<Process>;
  /** Everything that is stored, table by table, as it lies there. */
  dump(): Promise<Record<string, string[]>>;
  /** Writes an item past the ledger. */
  put(table: keyof Tables, item: Record<string, unknown>): Promise<void>;
  /** A strategy's record as the ledger writes it. */
  putStrategy(record: Strategy): Promise<void>;
}

const AS_GIVEN = { removeUndefinedValues: true, convertClassInstanceToMap: true };

/** Sets of tables that a test has left empty, by engine: making six tables takes longer than most tests. */
const idle = new Map<string, Tables[]>();
let made = 0;

const takeTables = async (engine: OnEngine): Promise<Tables> => {
  const left = idle.get(engine.endpoint())?.pop();
  if (left) return left;
  const [orders, strategies, positions, symbols, fills, control] = await makeTables(engine, [
    ...['Orders', 'Strategies', 'Positions', 'Symbols', 'Fills', 'Control'],
  ]);
  return {
    orders: orders ?? '',
    strategies: strategies ?? '',
    positions: positions ?? '',
    symbols: symbols ?? '',
    fills: fills ?? '',
    control: control ?? '',
  };
};

/** Makes new tables as the template has them. @returns their physical names, in this order */
export const makeTables = async (engine: OnEngine, names: readonly string[]): Promise<readonly string[]> => {
  made += 1;
  const physical = (name: string): string => `test${process.pid}-${made}-${name}`;
  await createTables(
    engine.endpoint(),
    engine
      .tables()
      .filter(({ name }) => names.includes(name))
      .map((table) => ({ ...table, name: physical(table.name) })),
  );
  return names.map(physical);
};

const giveBack = async (engine: OnEngine, tables: Tables, client: DynamoDBClient): Promise<void> => {
  await Promise.all(
    Object.values(tables).map(async (TableName: string) => {
      const model = engine.tables().find(({ name }) => TableName.endsWith(`-${name}`));
      const keys = (model?.properties.KeySchema ?? []).map(({ AttributeName }) => AttributeName);
      const { Items = [] } = await client.send(new ScanCommand({ TableName, ConsistentRead: true }));
      const deletes = Items.map((item) => ({
        DeleteRequest: {
          Key: Object.fromEntries(Object.entries(item).filter(([name]) => keys.includes(name))),
        },
      }));
      for (let at = 0; at < deletes.length; at += 25)
        await client.send(
          new BatchWriteItemCommand({ RequestItems: { [TableName]: deletes.slice(at, at + 25) } }),
        );
    }),
  );
  idle.set(engine.endpoint(), [...(idle.get(engine.endpoint()) ?? []), tables]);
};

/** What a machine under load may take for an answer, ms: races are about what comes first, not about how long it takes. */
const PATIENCE = 20_000;

/**
 * Empty tables on the engine, a proxy before it, and the ledger behind that.
 * @param options.asDeployed keeps the client's own timeouts, for tests of them
 */
export const openStore = async (
  t: TestContext,
  engine: OnEngine,
  options: { readonly clock?: Clock; readonly capacity?: boolean; readonly asDeployed?: boolean } = {},
): Promise<Store> => {
  engine.note(t);
  const tables = await takeTables(engine);
  const proxy = await startProxy(engine.endpoint(), options.capacity ? { capacity: true } : {});
  const direct = new DynamoDBClient({ endpoint: engine.endpoint() });
  t.after(async () => {
    await proxy.close();
    await giveBack(engine, tables, direct);
    direct.destroy();
  });

  const start = async (clock: Clock): Promise<Process> => {
    // As in a function: the address comes from the environment, at the first request.
    process.env.AWS_ENDPOINT_URL_DYNAMODB = proxy.url;
    const dynamo = createDynamo(tables, clock);
    t.after(() => dynamo.client.destroy());
    if (!options.asDeployed) {
      const { requestHandler: handler } = dynamo.client.config;
      assert.ok('updateHttpClientConfig' in handler && typeof handler.updateHttpClientConfig === 'function');
      for (const timeout of ['requestTimeout', 'connectionTimeout'])
        handler.updateHttpClientConfig(timeout, PATIENCE);
    }
    await dynamo.client.send(new GetCommand({ TableName: tables.control, Key: { name: 'nothing' } }));
    proxy.forget();
    return {
      dynamo,
      ledger: createLedger(dynamo),
      pace: createPace(dynamo),
      reads: createReadBudget(dynamo),
      lease: createRunLease(dynamo),
    };
  };
  const put: Store['put'] = async (table, item) => {
    await direct.send(new PutItemCommand({ TableName: tables[table], Item: marshall(item, AS_GIVEN) }));
  };
  const first = await start(options.clock ?? systemClock);
  return {
    ...first,
    proxy,
    tables,
    process: (clock = systemClock) => start(clock),
    dump: async () => {
      const all = Object.entries(tables).map(async ([table, name]) => {
        const { Items } = await direct.send(new ScanCommand({ TableName: name, ConsistentRead: true }));
        return [table, (Items ?? []).map(sorted).sort()] as const;
      });
      return Object.fromEntries(await Promise.all(all));
    },
    put,
    putStrategy: ({ dayNotional, reserved, ...record }) =>
      put('strategies', { ...record, dayNotional: asNumber(dayNotional), reserved: asNumber(reserved) }),
  };
};

/** An item's text, whatever the order in which an engine returns attributes. */
const sorted = (item: Record<string, AttributeValue>): string =>
  JSON.stringify(item, (_key, value) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );

/** A deadline far enough away for anything that works. */
export const soon = (): { readonly deadline: number } => ({ deadline: Date.now() + PATIENCE });

/** A clock that stands still until it is moved. */
export const standingClock = (at: number): Clock & { at: number } => ({
  at,
  now() {
    return this.at;
  },
  async sleep(ms) {
    this.at += ms;
  },
});
