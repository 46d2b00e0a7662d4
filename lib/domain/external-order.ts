import type { ExchangeOrder } from './exchange.ts';
import { factsOf, mergeFacts, sameFacts } from './facts.ts';
import type { Order } from './order-record.ts';
import { OrderType } from './order-type.ts';
import { EXCHANGE_TYPE } from './rules.ts';

/** Strategy under which orders that are not ours are listed. */
const NOBODY = 'external';

/** Id in the ledger of an order that the exchange has and nobody here sent. */
export const externalIdOf = ({ exchangeOrderId }: Pick<ExchangeOrder, 'exchangeOrderId'>): string =>
  `external-${exchangeOrderId}`;

const ourTypeOf = (type: string): OrderType | undefined =>
  OrderType.options.find((ours) => EXCHANGE_TYPE[ours] === type);

/**
 * An order found on the account that is not ours, as it is to be written: it is recorded, and never touched. `undefined`: the
 * row says nothing that is not stored.
 * @param at local epoch ms
 */
export const externalOrder = (
  row: ExchangeOrder,
  stored: Order | undefined,
  at: number,
): Order | undefined => {
  const before = stored?.attempts[0]?.facts;
  const facts = mergeFacts(before, factsOf(row));
  if (before && sameFacts(before, facts)) return undefined;
  const type = ourTypeOf(row.type);
  const detail = `found on the account: ${facts.status.toLowerCase()}, executed ${facts.cumQty}`;
  const id = externalIdOf(row);
  return {
    id,
    strategy: NOBODY,
    symbol: row.symbol,
    key: id,
    digest: id,
    origin: 'external',
    test: false,
    asked: '{}',
    arrival: row.time,
    ...(type && { type }),
    side: row.side,
    quantity: row.quantity,
    price: row.price,
    state: 'external',
    attempts: [
      {
        n: 1,
        clientOrderId: row.clientOrderId ?? '',
        nonce: '',
        signedAt: row.time,
        until: row.time,
        outcome: 'found',
        facts,
      },
    ],
    reserved: '0',
    fillsQty: '0',
    settled: true,
    history: [...(stored?.history ?? []), { at, state: 'external' as const, detail }].slice(-60),
    createdAt: row.time,
    updatedAt: at,
    version: (stored?.version ?? 0) + 1,
  };
};
