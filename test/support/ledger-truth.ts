import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';
import * as z from 'zod';
import { CREDENTIALS, REGION } from '../../infra/local/aws.ts';
import { decimal, plain, ZERO } from '../../lib/domain/money.ts';
import type { Exchange } from '../../lib/simulator/exchange.ts';

const StoredOrder = z.object({
  id: z.string(),
  strategy: z.string(),
  symbol: z.string(),
  state: z.string(),
  settled: z.boolean(),
  reserved: z.string(),
  fillsQty: z.string(),
  unsettled: z.string().optional(),
  attempts: z.array(
    z.object({
      clientOrderId: z.string(),
      outcome: z.string(),
      facts: z.object({ exchangeOrderId: z.string(), cumQty: z.string() }).optional(),
      evidence: z.array(z.unknown()).default([]),
    }),
  ),
  history: z.array(z.object({ state: z.string() })),
});
export type StoredOrder = z.infer<typeof StoredOrder>;

const StoredStrategy = z.object({
  strategy: z.string(),
  reserved: z.number(),
  inFlight: z.record(z.string(), z.unknown()),
});

const StoredLane = z.object({
  strategy: z.string(),
  symbol: z.string(),
  quantity: z.string(),
  adopted: z.object({ total: z.string() }).optional(),
  holder: z.unknown().optional(),
  resting: z.record(z.string(), z.unknown()),
  queue: z.array(z.unknown()),
});

/** The tables as they are, read past everything that the product reads them with. */
export interface LedgerItems {
  readonly orders: readonly StoredOrder[];
  readonly strategies: readonly z.infer<typeof StoredStrategy>[];
  readonly lanes: readonly z.infer<typeof StoredLane>[];
}

export const readLedger = async (endpoint: string): Promise<LedgerItems> => {
  const plainClient = new DynamoDBClient({ endpoint, region: REGION, credentials: CREDENTIALS });
  const client = DynamoDBDocumentClient.from(plainClient);
  const scan = async (TableName: string): Promise<unknown[]> => {
    const items: unknown[] = [];
    for await (const page of paginateScan({ client }, { TableName, ConsistentRead: true }))
      items.push(...(page.Items ?? []));
    return items;
  };
  try {
    const [orders = [], strategies = [], lanes = []] = await Promise.all(
      ['Orders', 'Strategies', 'Positions'].map(scan),
    );
    return ledgerOf({ orders, strategies, lanes });
  } finally {
    plainClient.destroy();
  }
};

/** The same of items that lie in hand. */
export const ledgerOf = ({
  orders,
  strategies,
  lanes,
}: Readonly<Record<keyof LedgerItems, readonly unknown[]>>): LedgerItems => ({
  orders: z.array(StoredOrder).parse(orders),
  strategies: z.array(StoredStrategy).parse(strategies),
  lanes: z.array(StoredLane).parse(lanes),
});

/** What the exchange's order has to look like in the ledger once it is over. */
const ENDED: Readonly<Record<string, string>> = {
  FILLED: 'filled',
  CANCELED: 'canceled',
  PARTIALLY_CANCELED: 'partially_canceled',
};

/**
 * Everything in which the ledger and the exchange contradict each other once all is over, in sentences: an alert with
 * two orders, an order that one of them does not know, anything unsettled, reserved, held, resting or waiting, a
 * position that is not the sum of its trades, an absence without proof.
 */
export const contradictions = (exchange: Exchange, ledger: LedgerItems): string[] => [
  ...requestsTwice(exchange),
  ...ledger.orders.flatMap((order) => aboutOrder(order, exchange)),
  ...aboutStrangers(exchange, ledger),
  ...ledger.strategies.flatMap(({ strategy, reserved, inFlight }) =>
    reserved === 0 && Object.keys(inFlight).length === 0
      ? []
      : [`${strategy}: ${reserved} reserved for ${JSON.stringify(inFlight)}`],
  ),
  ...ledger.lanes.flatMap((lane) => aboutLane(lane, exchange, ledger)),
];

const idIn = (clientOrderId: string): string => clientOrderId.split('-')[0] ?? '';

/** One attempt is one byte string, sent at most once, executed or not. */
const requestsTwice = (exchange: Exchange): string[] => {
  const seen = new Set<string>();
  return exchange.journal({ path: '/api/v3/order' }).flatMap(({ method, params }) => {
    const name = params.newClientOrderId ?? '';
    if (method !== 'POST' || !seen.has(name)) {
      if (method === 'POST') seen.add(name);
      return [];
    }
    return [`${name} was sent twice`];
  });
};

const aboutOrder = (order: StoredOrder, exchange: Exchange): string[] => {
  const { id, state, attempts } = order;
  const there = exchange
    .truth()
    .orders.filter(({ clientOrderId }) => clientOrderId !== null && idIn(clientOrderId) === id);
  const [only] = there;
  const said: string[] = [];
  if (there.length > 1) said.push(`has ${there.length} orders on the exchange`);
  if (!order.settled || order.unsettled !== undefined) said.push('is not settled');
  if (order.reserved !== '0') said.push(`keeps ${order.reserved} reserved`);
  if (only) {
    const attempt = attempts.find(({ clientOrderId }) => clientOrderId === only.clientOrderId);
    if (state !== ENDED[only.status]) said.push(`is ${only.status} on the exchange`);
    if (attempt?.facts?.exchangeOrderId !== only.orderId) said.push(`does not know ${only.orderId}`);
    if (!decimal(order.fillsQty).eq(only.executed))
      said.push(`has fills of ${order.fillsQty}, ${only.executed} were executed`);
  } else if (state !== 'absent' && state !== 'done') {
    said.push('is not on the exchange');
  }
  for (const { clientOrderId, outcome, evidence } of attempts) {
    const exists = there.some((each) => each.clientOrderId === clientOrderId);
    if (exists !== (outcome === 'found')) said.push(`calls ${clientOrderId} ${outcome}`);
    if (outcome === 'absent' && evidence.length !== 2)
      said.push(`has ${evidence.length} rounds of evidence for ${clientOrderId}`);
  }
  const path = order.history.map((entry) => entry.state).join(' → ');
  return said.map((sentence) => `${order.strategy} ${id} (${path}) ${sentence}`);
};

const aboutStrangers = (exchange: Exchange, { orders }: LedgerItems): string[] => {
  const known = new Set(orders.map(({ id }) => id));
  return exchange
    .truth()
    .orders.filter(({ clientOrderId }) => !known.has(idIn(clientOrderId ?? '')))
    .map(({ clientOrderId }) => `${clientOrderId} is on the exchange and not in the ledger`);
};

const aboutLane = (
  { strategy, symbol, quantity, adopted, holder, resting, queue }: LedgerItems['lanes'][number],
  exchange: Exchange,
  { orders }: LedgerItems,
): string[] => {
  const own = new Set(
    orders.filter((order) => order.strategy === strategy && order.symbol === symbol).map(({ id }) => id),
  );
  const traded = exchange
    .truth()
    .trades.filter(({ clientOrderId }) => own.has(idIn(clientOrderId ?? '')))
    .reduce((total, { isBuyer, qty }) => (isBuyer ? total.plus(qty) : total.minus(qty)), ZERO);
  const said: string[] = [];
  if (holder !== undefined) said.push(`is held by ${JSON.stringify(holder)}`);
  if (Object.keys(resting).length > 0) said.push(`has ${JSON.stringify(resting)} resting`);
  if (queue.length > 0) said.push(`has ${JSON.stringify(queue)} waiting`);
  if (!decimal(quantity).eq(traded.plus(adopted?.total ?? '0')))
    said.push(`holds ${quantity}, its trades say ${plain(traded)}`);
  return said.map((sentence) => `${strategy} ${symbol} ${sentence}`);
};
