import * as z from 'zod';
import type { MemoryDynamo } from './memory-dynamo/engine.ts';
import type { Request } from './memory-dynamo/request.ts';

/** Write units, as DynamoDB bills them. */
export interface StoreUse {
  /** Of requests that write to `Orders` or `Fills`, all their tables together. */
  readonly booking: () => number;
  /** Of everything else, by table and item. */
  readonly beside: ReadonlyMap<string, number>;
}

const WRITES = new Set(['PutItem', 'UpdateItem', 'DeleteItem', 'TransactWriteItems']);
const BOOKED = new Set(['Orders', 'Fills']);

/** The same store, which lets DynamoDB's own counting say what each write costs; a refused one counts as one unit. */
export const meteredStore = (
  store: MemoryDynamo,
): { readonly store: MemoryDynamo; readonly use: StoreUse } => {
  let booking = 0;
  const beside = new Map<string, number>();
  const count = (
    operation: string,
    request: Request,
    units: readonly (readonly [string, number])[],
  ): void => {
    const sum = units.reduce((total, [, each]) => total + each, 0);
    if (units.some(([table]) => BOOKED.has(table))) {
      booking += sum;
      return;
    }
    const what = `${units.map(([table]) => table).join()} ${nameOf(operation, request)}`;
    beside.set(what, (beside.get(what) ?? 0) + sum);
  };
  return {
    store: {
      ...store,
      execute: (operation, request) => {
        if (!WRITES.has(operation)) return store.execute(operation, request);
        try {
          const { ConsumedCapacity, ...answer } = store.execute(operation, {
            ...request,
            ReturnConsumedCapacity: 'TOTAL',
          });
          count(operation, request, unitsIn(ConsumedCapacity));
          return answer;
        } catch (error) {
          count(operation, request, [[String(request.TableName ?? 'Orders'), 1]]);
          throw error;
        }
      },
    },
    use: { booking: () => booking, beside },
  };
};

const Used = z.object({ TableName: z.string(), CapacityUnits: z.number() });

const unitsIn = (consumed: unknown): [string, number][] =>
  z
    .array(Used)
    .parse(Array.isArray(consumed) ? consumed : [consumed])
    .map(({ TableName, CapacityUnits }) => [TableName, CapacityUnits]);

/** Items of `Control` have names. */
const Named = z.object({ name: z.object({ S: z.string() }) });

const nameOf = (operation: string, { Item, Key }: Request): string =>
  Named.safeParse(Item ?? Key).data?.name.S ?? operation;
