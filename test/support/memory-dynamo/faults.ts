import type { Request } from './request.ts';

/** One request on its way: what the network and the service see of it. */
export interface Attempt {
  /** Such as `TransactWriteItems`. */
  readonly operation: string;
  /** In wire format. */
  readonly request: Request;
  /** 1 for the first, 2 for the SDK's own repetition. */
  readonly attempt: number;
  /** Local time of the store, epoch ms. */
  readonly at: number;
}

/** Answers with which the service refuses a request that it might take a moment later. */
export type Instead =
  /** `TransactionCanceledException` with that reason for one item; `TransactionConflictException` of a plain write. */
  | { readonly kind: 'conflict'; readonly item?: number }
  | { readonly kind: 'throughput' }
  | { readonly kind: 'throttled' }
  /** Of transactions only. */
  | { readonly kind: 'in-progress' }
  | { readonly kind: 'server-error'; readonly status: 500 | 503 };

/** What becomes of one attempt. Nothing of it is a fault: carried out and answered at once. */
export interface Fate {
  /** Until the request reaches the store, ms; it is carried out then, whether or not its caller still waits. `Infinity`: never. @default 0 */
  readonly there?: number;
  /** From then until its caller has the answer, ms. `Infinity`: never. @default 0 */
  readonly back?: number;
  /** The connection is reset, before it was carried out or after; its caller learns that when the answer would have come. */
  readonly reset?: 'before' | 'after';
  /** Not carried out: answered with this. */
  readonly instead?: Instead;
}

/** Asked for each attempt, in the order in which they leave. */
export type Fates = (attempt: Attempt) => Fate | undefined;
