import type { Account, ApiKey, Permission } from './accounts.ts';
import type { Params } from './request.ts';
import type { Order } from './state.ts';
import type { Store } from './store.ts';

/** A public request on its way through an endpoint. */
export type PublicCall = {
  store: Store;
  /** Exchange time in Unix milliseconds. */
  at: number;
  params: Params;
};

/** A signed request, already authenticated. */
export type SignedCall = PublicCall & {
  account: Account;
  key: ApiKey;
  /** Set by the endpoint that created an order. */
  created: { orderId: string | null };
  /** Whether this read shows the order (and its trades): new ones may be hidden, others left out. */
  sees(order: Order): boolean;
  /** The share of its size to which an order placed by this call is filled before the exchange ends it. */
  share: number | null;
};

/** What answers a method and path; the result is the body text. */
export type Endpoint =
  | { access: 'public'; run(call: PublicCall): string }
  | {
      access: 'signed';
      permission: Permission;
      /** Parameters besides timestamp, recvWindow and signature. */
      parameters: readonly string[];
      run(call: SignedCall): string;
    };

/** Endpoints by "METHOD path". */
export type Routes = Readonly<Record<string, Endpoint>>;
