import type { HistoryQuery, Priority } from '../domain/ports.ts';
import type { MexcCredentials, QueryParameters } from './signing.ts';
import { type Need, needOf, type ReadPath } from './weights.ts';

/** One call that places no order. */
export interface Call {
  readonly method: 'GET' | 'DELETE' | 'POST' | 'PUT';
  readonly path: string;
  /** Without `timestamp`, `recvWindow` and `signature`; one endpoint wants the access key as a parameter. */
  readonly parameters: QueryParameters | ((keys: MexcCredentials) => QueryParameters);
  readonly signed: boolean;
  readonly need: Need;
  /** Whose turn it takes unless the options say another. */
  readonly priority: Priority;
  /** Largest body that is read. @default 4 MiB */
  readonly maxBytes?: number;
  /** Longest single try of a read, ms. @default 3000 */
  readonly tryMs?: number;
}

/** A read without a key. @param priority whose turn it takes unless its caller says another */
export const publicGet = (path: ReadPath, parameters: QueryParameters, priority: Priority): Call => ({
  method: 'GET',
  path,
  parameters,
  signed: false,
  need: needOf(path),
  priority,
});

/** A read with the account's key. */
export const signedGet = (path: ReadPath, parameters: Call['parameters'], priority: Priority): Call => ({
  method: 'GET',
  path,
  parameters,
  signed: true,
  need: needOf(path),
  priority,
});

/** `limit` within 1 and `most`: the exchange's defaults differ from page to page, so it is always said. */
export const limitOf = (limit: number, most: number): QueryParameters => [
  ['limit', String(Math.min(Math.max(Math.trunc(limit), 1), most))],
];

/** A window of time, epoch ms, both ends included, and a limit. */
export const range = ({ from, to, limit }: Omit<HistoryQuery, 'symbol'>, most: number): QueryParameters => [
  ...(from === undefined ? [] : [['startTime', String(Math.floor(from))] as const]),
  ...(to === undefined ? [] : [['endTime', String(Math.ceil(to))] as const]),
  ...limitOf(limit, most),
];
