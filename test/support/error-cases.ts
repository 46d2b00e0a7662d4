import { isDeepStrictEqual } from 'node:util';
import { DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { CREDENTIALS, REGION } from '../../infra/local/aws.ts';
import type { Exchange } from '../../lib/simulator/exchange.ts';
import { orderIdOf } from '../../lib/usecases/identity.ts';
import {
  ERROR_TABLE,
  type ErrorRow,
  type ExchangeAnswer,
  FORBIDDEN,
  PROVES_NOTHING,
  REFUSED_BY_STATUS,
} from './error-table.ts';

/** `id` of each alert; its strategy makes it another. */
export const ALERT_ID = 'only';
/** Where orders are placed. */
export const PLACEMENT = { method: 'POST', path: '/api/v3/order' };
/** Codes that stop all requests of the account for a while. */
const RATE_CODES = [429, 510];

/** One alert, of a strategy of its own, and what the exchange answers to its first attempt. */
export interface Case extends ExchangeAnswer {
  readonly strategy: string;
  readonly id: string;
  readonly row?: ErrorRow;
}

let strategies = 0;
const caseOf = (answer: ExchangeAnswer, row?: ErrorRow): Case => {
  strategies += 1;
  const strategy = `s-${strategies}`;
  return { ...answer, ...(row && { row }), strategy, id: orderIdOf(strategy, false, ALERT_ID) };
};
const atBothStatuses = (rows: readonly ErrorRow[]): Case[] =>
  rows.flatMap((row) =>
    [200, 400].map((status) =>
      caseOf({ name: `code ${row.code}`, status, body: { code: row.code, msg: row.meaning } }, row),
    ),
  );
const isRate = ({ code }: ErrorRow): boolean => RATE_CODES.includes(code);
const ofClass = (letters: string): ErrorRow[] => ERROR_TABLE.filter((row) => letters.includes(row.class));

/** Proves nothing: the outcome is unknown. */
export const unknown = [...atBothStatuses(ofClass('UN')), ...PROVES_NOTHING.map((answer) => caseOf(answer))];
/** Refuses for good. */
export const rejected = atBothStatuses(ofClass('FMBC'));
/** Refuses before execution, and asks for no pause. */
export const postponed = atBothStatuses(ofClass('T').filter((row) => !isRate(row)));
/** Refuses before execution, because there were too many requests. */
export const pausing = [
  ...atBothStatuses(ofClass('T').filter(isRate)),
  ...REFUSED_BY_STATUS.map((answer) => caseOf(answer)),
];
/** Turned away before the exchange. */
export const forbidden = caseOf(FORBIDDEN);
/** All of them. */
export const cases = [...unknown, ...rejected, ...postponed, ...pausing, forbidden];

/** Alerts on their way at once: enough to use every ticket, few enough that none waits long for its own. */
const AT_ONCE = 4;

/** Runs `each` over all cases, some at once. */
export const inParallel = async (
  items: readonly Case[],
  each: (item: Case) => Promise<void>,
): Promise<void> => {
  const left = [...items];
  const work = async (): Promise<void> => {
    for (let item = left.shift(); item; item = left.shift()) await each(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
};

/** The cases in which something else was seen than had to be, each with both. */
export const wrongIn = (
  among: readonly Case[],
  look: (each: Case) => { readonly got: unknown; readonly want: unknown },
): unknown[] =>
  among.flatMap((each) => {
    const { got, want } = look(each);
    const exchange = `HTTP ${each.status}, ${each.name}`;
    return isDeepStrictEqual(got, want) ? [] : [{ exchange, got, want }];
  });

export interface StrategyRecord {
  readonly reserved: number;
  readonly dayNotional: number;
  /** Ids of orders. */
  readonly inFlight: readonly string[];
}

/** Counters by strategy, as stored: no answer shows them. */
export const strategyRecords = async (endpoint: string): Promise<Map<string, StrategyRecord>> => {
  const client = new DynamoDBClient({ endpoint, region: REGION, credentials: CREDENTIALS });
  const records = new Map<string, StrategyRecord>();
  for await (const page of paginateScan({ client }, { TableName: 'Strategies', ConsistentRead: true })) {
    for (const item of page.Items ?? []) {
      const { strategy, reserved, dayNotional, inFlight } = unmarshall(item);
      records.set(strategy, { reserved, dayNotional, inFlight: Object.keys(inFlight) });
    }
  }
  client.destroy();
  return records;
};

/** The requests that the exchange was sent for the order of a case: which attempt, when, and whether it was carried out. */
export const placedFor = (exchange: Exchange, { id }: Case) =>
  exchange
    .journal({ path: PLACEMENT.path })
    .filter(({ method, params }) => method === PLACEMENT.method && params.newClientOrderId?.startsWith(id))
    .map(({ params, orderId, at }) => ({
      attempt: params.newClientOrderId,
      executed: orderId !== null,
      at,
    }));
