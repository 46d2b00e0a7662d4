import { createHash } from 'node:crypto';
import {
  type CancellationReason,
  TransactionCanceledException,
  TransactionInProgressException,
} from '@aws-sdk/client-dynamodb';
import { BatchGetCommand, type BatchGetCommandOutput, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { StoreUnavailableError } from '../domain/errors.ts';
import { emptyLane } from '../domain/lane.ts';
import type { Change } from '../domain/ledger.ts';
import type { CallOptions, CommitResult, Ledger, LedgerView, OrderKeys } from '../domain/ports.ts';
import { type Dynamo, nameOf, pauses, reachable, until } from './client.ts';
import { CONTROL, controlView, readControl, saveEquity, saveStreamState, saveTime } from './control.ts';
import { appliedTrades, putFill } from './fills.ts';
import type { Item } from './items.ts';
import { getOrder, parseOrder, putOrder, type TransactItem, unsettledIds } from './orders.ts';
import { parseLane, putLane, scanLanes } from './positions.ts';
import { noteSequence } from './sequence.ts';
import { counterWrites, ensureStrategy, parseStrategy, scanStrategies } from './strategies.ts';
import { saveSwept, swept } from './swept.ts';
import { parseRules, saveRules, scanRules } from './symbols.ts';

export const createLedger = (dynamo: Dynamo): Ledger => ({
  read: (keys, options) => again(dynamo, options, () => readView(dynamo, keys, options)),
  order: (id, options) => again(dynamo, options, () => getOrder(dynamo, id, options)),
  control: (options) => again(dynamo, options, () => readControl(dynamo, options)),
  saveEquity: (equity, options) => reachable(saveEquity(dynamo, equity, options)),
  saveStreamState: (state, options) => reachable(saveStreamState(dynamo, state, options)),
  ensureStrategy: (strategy, options) =>
    again(dynamo, options, () => ensureStrategy(dynamo, strategy, options)),
  commit: (change, options) => commit(dynamo, change, options),
  // Not repeated after a lost answer: the number would seem to repeat itself.
  noteSequence: (strategy, sequence, options) => reachable(noteSequence(dynamo, strategy, sequence, options)),
  appliedTrades: (symbol, tradeIds, options) => reachable(appliedTrades(dynamo, symbol, tradeIds, options)),
  strategies: (options) => reachable(scanStrategies(dynamo, options)),
  lanes: (options) => reachable(scanLanes(dynamo, options)),
  unsettled: (options) => reachable(unsettledIds(dynamo, options)),
  saveRules: (rules, options) => reachable(saveRules(dynamo, rules, options)),
  rules: (options) => reachable(scanRules(dynamo, options)),
  swept: (options) => reachable(swept(dynamo, options)),
  saveSwept: (symbol, how, options) => reachable(saveSwept(dynamo, symbol, how, options)),
  saveTime: (estimate, options) => reachable(saveTime(dynamo, estimate, options)),
});

/** A call that changes nothing, or only once, is repeated through throttling and lost answers until the deadline. */
const again = async <T>(
  { clock, random }: Dynamo,
  { deadline }: CallOptions,
  call: () => Promise<T>,
): Promise<T> => {
  const pause = pauses(random);
  for (;;) {
    try {
      return await call();
    } catch (error) {
      const wait = pause();
      if (!mayPass(error) || clock.now() + wait >= deadline) return reachable(Promise.reject(error));
      await clock.sleep(wait);
    }
  }
};

/** One consistent BatchGet over all tables an admission is decided on. */
const readView = async (
  dynamo: Dynamo,
  { id, strategy, symbol }: OrderKeys,
  options: CallOptions,
): Promise<LedgerView> => {
  const { client, tables } = dynamo;
  type Keys = Record<string, { Keys: Item[]; ConsistentRead: boolean }>;
  const consistent = (...Keys: Item[]) => ({ Keys, ConsistentRead: true });
  let request: Keys | undefined = {
    [tables.orders]: consistent({ id }),
    [tables.strategies]: consistent({ strategy }),
    [tables.positions]: consistent({ strategy, symbol }),
    [tables.symbols]: consistent({ symbol }),
    [tables.control]: consistent(...Object.values(CONTROL).map((name) => ({ name }))),
  };
  const items = new Map<string, Item[]>();
  const pause = pauses(dynamo.random);
  while (request) {
    const answer: BatchGetCommandOutput = await client.send(
      new BatchGetCommand({ RequestItems: request }),
      until(dynamo, options),
    );
    for (const [table, found] of Object.entries(answer.Responses ?? {}))
      items.set(table, [...(items.get(table) ?? []), ...found]);
    const rest = Object.entries(answer.UnprocessedKeys ?? {}).map(
      ([table, { Keys }]) => [table, consistent(...(Keys ?? []))] as const,
    );
    request = rest.length > 0 ? Object.fromEntries(rest) : undefined;
    if (request) await dynamo.clock.sleep(pause());
  }
  const one = (table: string) => items.get(table)?.[0];
  const [order, record, lane, rules] = [
    tables.orders,
    tables.strategies,
    tables.positions,
    tables.symbols,
  ].map(one);
  return {
    ...(order && { order: parseOrder(order) }),
    ...(record && { strategy: parseStrategy(record) }),
    lane: lane ? parseLane(lane) : emptyLane(strategy, symbol),
    ...(rules && { rules: parseRules(rules) }),
    control: controlView(items.get(tables.control) ?? []),
  };
};

/** Which item of the transaction each cancellation reason speaks of. */
interface Part {
  readonly of: 'order' | 'lane' | 'strategy' | 'fill';
  readonly item: TransactItem;
  readonly tradeId?: string;
}

/** Forms of the counters' write are tried in turn; each is a request of its own, under a token of its own. */
const commit = async (
  dynamo: Dynamo,
  change: Change,
  options: CallOptions & { readonly token: string },
): Promise<CommitResult> => {
  const fixed: Part[] = [
    { of: 'order', item: putOrder(dynamo, change.order) },
    ...(change.lane ? [{ of: 'lane' as const, item: putLane(dynamo, change.lane) }] : []),
    ...(change.fills ?? []).map((fill) => ({
      of: 'fill' as const,
      item: putFill(dynamo, fill),
      tradeId: fill.tradeId,
    })),
  ];
  const forms: Part[][] = change.counters
    ? counterWrites(dynamo, change.counters).map((item) => [...fixed, { of: 'strategy' as const, item }])
    : [fixed];
  let result: CommitResult = { kind: 'refused' };
  for (const [index, parts] of forms.entries()) {
    const token = index === 0 ? options.token : derived(options.token, index);
    result = await write(dynamo, parts, token, options);
    const onlyCounters =
      result.kind === 'refused' && result.strategy && !result.order && !result.lane && !result.fills;
    if (!onlyCounters) return result;
  }
  return result;
};

/** A token of its own for each further form: as random as the first, and no longer than a token may be. */
const derived = (token: string, index: number): string =>
  createHash('sha256').update(`${token}.${index}`).digest('base64url').slice(0, 36);

/** Reasons that the same request meets again whenever it is sent. */
const HOPELESS = new Set(['ValidationError', 'ItemCollectionSizeLimitExceeded']);

/** One transaction, repeated with the same token through conflicts, throttling and lost answers. */
const write = async (
  dynamo: Dynamo,
  parts: readonly Part[],
  token: string,
  options: CallOptions,
): Promise<CommitResult> => {
  const { client, clock, random } = dynamo;
  const command = new TransactWriteCommand({
    ClientRequestToken: token,
    TransactItems: parts.map(({ item }) => item),
  });
  const pause = pauses(random);
  for (;;) {
    let failure: unknown;
    try {
      await client.send(command, until(dynamo, options));
      return { kind: 'committed' };
    } catch (error) {
      if (error instanceof TransactionCanceledException) {
        const verdict = judge(parts, error.CancellationReasons ?? []);
        if (verdict) return verdict;
        if (error.CancellationReasons?.some(({ Code }) => Code !== undefined && HOPELESS.has(Code)))
          throw error;
      } else if (!mayPass(error)) {
        throw error;
      }
      failure = error;
    }
    const wait = pause();
    if (clock.now() + wait >= options.deadline) {
      throw new StoreUnavailableError(`a write got no answer in time: ${nameOf(failure)}`, {
        cause: failure,
      });
    }
    await clock.sleep(wait);
  }
};

/** Errors after which the same request may be sent again: lost answers, throttling, the service's own faults. */
const mayPass = (error: unknown): boolean => {
  if (error instanceof TransactionInProgressException) return true;
  const { name, sent, status } = wire(error);
  if (
    /Throttl|LimitExceeded|ThroughputExceeded|TransactionConflict|Timeout|Abort|ECONN|EPIPE|NetworkingError/i.test(
      name,
    )
  )
    return true;
  // Below 300: the answer itself could not be read. What failed before it was sent would fail again.
  return sent && (status === undefined || status >= 500 || status < 300);
};

/** Name (or system code) and HTTP status of an SDK error; no status means that no answer came. */
const wire = (error: unknown): { name: string; sent: boolean; status: number | undefined } => {
  if (!(error instanceof Error)) return { name: '', sent: false, status: undefined };
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const metadata = '$metadata' in error ? error.$metadata : undefined;
  const sent = typeof metadata === 'object' && metadata !== null;
  const status =
    sent && 'httpStatusCode' in metadata && typeof metadata.httpStatusCode === 'number'
      ? metadata.httpStatusCode
      : undefined;
  return { name: `${error.name} ${code}`, sent, status };
};

/**
 * Judges the reasons in the order of the protocol (section 5.4): an order that is stored already answers everything;
 * any conflict or throttling: the same again (`undefined`); then counters, lane and trades.
 */
const judge = (parts: readonly Part[], reasons: readonly CancellationReason[]): CommitResult | undefined => {
  const failed = parts.flatMap((part, index) =>
    reasons[index]?.Code === 'ConditionalCheckFailed' ? [{ ...part, old: reasons[index]?.Item }] : [],
  );
  const order = failed.find(({ of }) => of === 'order');
  if (order) {
    // Reasons carry items in wire format, whatever client asked (order protocol, 12.2).
    const stored = order.old && parseOrder(unmarshall(order.old, { wrapNumbers: false }));
    return { kind: 'refused', order: { stored } };
  }
  if (
    failed.length === 0 ||
    failed.length < reasons.filter(({ Code }) => Code !== undefined && Code !== 'None').length
  )
    return undefined;
  const fills = failed.flatMap(({ tradeId }) => (tradeId === undefined ? [] : [tradeId]));
  return {
    kind: 'refused',
    ...(failed.some(({ of }) => of === 'strategy') && { strategy: true }),
    ...(failed.some(({ of }) => of === 'lane') && { lane: true }),
    ...(fills.length > 0 && { fills }),
  };
};
