import { BatchWriteCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { SymbolRules } from '../domain/exchange.ts';
import type { CallOptions } from '../domain/ports.ts';
import { type Dynamo, pauses, until } from './client.ts';
import { type Item, parseItem } from './items.ts';

/** Items that one BatchWrite takes. */
const BATCH = 25;

export const parseRules = (item: Item): SymbolRules =>
  parseItem(SymbolRules, item, `symbol ${String(item.symbol)}`);

/** Takes the rules over as they were read; the newest reading wins, so nothing is conditioned. */
export const saveRules = async (
  dynamo: Dynamo,
  rules: readonly SymbolRules[],
  options: CallOptions,
): Promise<void> => {
  const pause = pauses(dynamo.random);
  let rest: { PutRequest: { Item: Item } }[] = rules.map((each) => ({ PutRequest: { Item: { ...each } } }));
  while (rest.length > 0) {
    const { UnprocessedItems } = await dynamo.client.send(
      new BatchWriteCommand({ RequestItems: { [dynamo.tables.symbols]: rest.slice(0, BATCH) } }),
      until(dynamo, options),
    );
    const again = (UnprocessedItems?.[dynamo.tables.symbols] ?? []).flatMap(({ PutRequest }) =>
      PutRequest?.Item ? [{ PutRequest: { Item: PutRequest.Item } }] : [],
    );
    rest = [...again, ...rest.slice(BATCH)];
    if (again.length > 0) await dynamo.clock.sleep(pause());
  }
};

/** All stored rules: configured symbols and those that were ever asked for. */
export const scanRules = async (dynamo: Dynamo, options: CallOptions): Promise<SymbolRules[]> => {
  const all: SymbolRules[] = [];
  let from: Item | undefined;
  do {
    const page = await dynamo.client.send(
      new ScanCommand({ TableName: dynamo.tables.symbols, ExclusiveStartKey: from }),
      until(dynamo, options),
    );
    all.push(...(page.Items ?? []).map(parseRules));
    from = page.LastEvaluatedKey;
  } while (from);
  return all;
};
