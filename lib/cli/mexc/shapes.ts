import * as z from 'zod';

/** What the command line reads of the API's answers; whatever else they hold is passed on with `--json`. */

const Amount = z.string();
const At = z.iso.datetime();

export const OrderView = z.looseObject({
  id: z.string(),
  strategy: z.string(),
  symbol: z.string().optional(),
  action: z.string().optional(),
  side: z.string().optional(),
  type: z.string().optional(),
  state: z.string(),
  quantity: Amount.optional(),
  quoteQuantity: Amount.optional(),
  price: Amount.optional(),
  filledQuantity: Amount,
  filledQuote: Amount,
  averagePrice: Amount.optional(),
  exchangeOrderId: z.string().optional(),
  clientOrderId: z.string().optional(),
  code: z.string().optional(),
  reason: z.string().optional(),
  test: z.boolean().optional(),
  cancelledIds: z.array(z.string()).optional(),
  createdAt: At,
  updatedAt: At,
  history: z.array(
    z.object({ at: At, state: z.string(), detail: z.string().optional(), times: z.number().optional() }),
  ),
});
export type OrderView = z.infer<typeof OrderView>;

export const FillView = z.looseObject({
  tradeId: z.string(),
  order: z.string(),
  strategy: z.string(),
  symbol: z.string(),
  side: z.string(),
  price: Amount,
  quantity: Amount,
  quoteQuantity: Amount,
  commission: Amount,
  commissionAsset: z.string(),
  maker: z.boolean(),
  realised: Amount,
  time: At,
  appliedAt: At,
  exchangeOrderId: z.string(),
});
export type FillView = z.infer<typeof FillView>;

export const OrderDetail = OrderView.extend({
  settled: z.boolean(),
  /** JSON text. */
  alert: z.string(),
  refusal: z
    .looseObject({
      code: z.string(),
      message: z.string(),
      details: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
      nearest: z.record(z.string(), z.string()).optional(),
      resetsAt: z.string().optional(),
    })
    .optional(),
  attempts: z.array(
    z.looseObject({
      n: z.number(),
      clientOrderId: z.string(),
      signedAt: At,
      until: At,
      outcome: z.string(),
      code: z.string().optional(),
      message: z.string().optional(),
      facts: z
        .looseObject({ exchangeOrderId: z.string(), cumQty: Amount, cumQuote: Amount, status: z.string() })
        .optional(),
    }),
  ),
  fills: z.array(FillView),
});
export type OrderDetail = z.infer<typeof OrderDetail>;

export const OrderPage = z.object({ orders: z.array(OrderView), next: z.string().optional() });
export const FillPage = z.object({ fills: z.array(FillView), next: z.string().optional() });

export const Positions = z.object({
  positions: z.array(
    z.looseObject({
      strategy: z.string(),
      symbol: z.string(),
      quantity: Amount,
      cost: Amount,
      averagePrice: Amount.optional(),
      realised: Amount,
      openOrders: z.array(z.looseObject({ id: z.string() })),
      waiting: z.array(z.string()),
      sending: z.string().optional(),
    }),
  ),
});

const Remainder = z.looseObject({ id: z.string(), asset: z.string(), amount: Amount });

export const BalancePage = z.object({
  balances: z.array(
    z.looseObject({
      slot: At,
      takenAt: At,
      quote: z.string(),
      total: Amount,
      drawdownPercent: z.string().optional(),
      assets: z.record(
        z.string(),
        z.looseObject({ free: Amount, locked: Amount, price: Amount.optional(), value: Amount.optional() }),
      ),
      unpriced: z.array(z.string()),
      unexplained: z.array(Remainder),
    }),
  ),
  next: z.string().optional(),
});

export const Profit = z.object({
  by: z.string(),
  profit: z.array(
    z.looseObject({
      key: z.string(),
      realised: Amount,
      feesValue: Amount,
      volume: Amount,
      trades: z.number(),
    }),
  ),
});

export const Health = z.looseObject({ status: z.string(), unsettledOrders: z.number().optional() });

const StrategyMode = z.looseObject({ strategy: z.string(), mode: z.string(), reason: z.string().optional() });
const Remains = z.object({
  orders: z.array(z.looseObject({ order: z.string() })),
  positions: z
    .array(z.looseObject({ symbol: z.string(), quantity: Amount, reason: z.string().optional() }))
    .optional(),
});

export const ControlState = z.looseObject({
  default: z.looseObject({ mode: z.string() }),
  done: z.boolean(),
  strategies: z.array(
    StrategyMode.extend({
      command: z.looseObject({ kind: z.string(), state: z.string(), remains: Remains }).optional(),
    }),
  ),
});
export type ControlState = z.infer<typeof ControlState>;

export const Changed = z.looseObject({
  message: z.string().optional(),
  strategies: z.array(StrategyMode).optional(),
  default: z.looseObject({ mode: z.string() }).optional(),
  inDoubt: z.array(z.looseObject({ order: z.string(), until: z.string() })).optional(),
  clock: z.string().optional(),
});

export const Adopted = z.looseObject({
  adopted: z.looseObject({
    id: z.string(),
    duplicate: z.boolean().optional(),
    position: z.looseObject({ quantity: Amount, cost: Amount }),
  }),
});
