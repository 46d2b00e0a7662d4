import type { orderDetailView, orderView } from '../domain/order-view.ts';
import type { StrategyOverview } from '../domain/overview.ts';

export type OrderRow = ReturnType<typeof orderView>;
export type OrderDetail = ReturnType<typeof orderDetailView>;
export type StrategyRow = StrategyOverview;

export interface Orders {
  readonly orders: readonly OrderRow[];
  readonly next?: string;
}

/** `GET /overview`. Times are ISO 8601 UTC. */
export interface Overview {
  readonly now: string;
  readonly default: { readonly mode: string; readonly reason?: string; readonly changedAt?: string };
  readonly strategies: readonly StrategyRow[];
  readonly configured: readonly string[];
  readonly stream?: {
    readonly live: boolean;
    readonly at: string;
    readonly ageSeconds: number;
    readonly prices: Readonly<Record<string, string>>;
  };
  readonly unsettledOrders: number;
  readonly unknownOrders: {
    readonly orders: readonly {
      readonly id: string;
      readonly strategy: string;
      readonly symbol?: string;
      readonly since: string;
    }[];
    readonly complete: boolean;
  };
  readonly account?: {
    readonly at: string;
    readonly quote: string;
    readonly total: string;
    readonly peak: string;
    readonly drawdownPercent: string;
    readonly maxDrawdownPercent?: string;
    readonly unexplained: number;
  };
}

/** `GET /equity`: epoch ms, total in the quote asset, drawdown in percent. */
export interface Equity {
  readonly quote?: string;
  readonly rows: readonly (readonly [number, string, string])[];
}

/** `GET /candles`. */
export interface Candles {
  readonly rows: readonly (readonly [number, string, string, string, string, string, string])[];
  readonly holes: readonly { readonly from: string; readonly to: string; readonly label: string }[];
}

export interface Series {
  readonly symbol: string;
  readonly interval: string;
}

/** One of `GET /fills`. */
export interface FillRow {
  readonly tradeId: string;
  readonly order: string;
  readonly side: string;
  readonly price: string;
  readonly quantity: string;
  readonly time: string;
}

/** One of `GET /positions`. */
export interface Position {
  readonly strategy: string;
  readonly symbol: string;
  readonly quantity: string;
  readonly cost: string;
  readonly averagePrice?: string;
  readonly realised: string;
  readonly openOrders: readonly { readonly id: string }[];
  readonly waiting: readonly string[];
}

/** `GET /sequences`. */
export interface Sequences {
  readonly alerts: number;
  readonly numbered: number;
  readonly first?: number;
  readonly last?: number;
  readonly missing: readonly { readonly from: number; readonly to: number }[];
  readonly repeated: readonly number[];
}

interface Remainder {
  readonly id: string;
  readonly asset: string;
  readonly amount: string;
  readonly from: string;
  readonly to: string;
  readonly state: string;
}

/** One of `GET /balances`. */
export interface Snapshot {
  readonly takenAt: string;
  readonly quote: string;
  readonly total: string;
  readonly drawdownPercent: string;
  readonly assets: Readonly<
    Record<
      string,
      { readonly free: string; readonly locked: string; readonly price?: string; readonly value?: string }
    >
  >;
  readonly unpriced: readonly string[];
  readonly unexplained: readonly Remainder[];
}

/** One of `GET /profit`. */
export interface ProfitRow {
  readonly key: string;
  readonly realised: string;
  readonly feesValue: string;
  readonly volume: string;
  readonly trades: number;
}
