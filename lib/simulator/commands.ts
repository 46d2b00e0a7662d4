import * as z from 'zod';
import { DecimalText, PositiveText } from './decimal.ts';
import { FaultRule } from './fault-rule.ts';
import { OrderType, Side } from './state.ts';
import { PriceFilter } from './symbols.ts';

const symbol = z.string();
const uid = z.string().optional();

const Levels = z
  .array(z.tuple([PositiveText, PositiveText]))
  .refine(
    (levels) => new Set(levels.map(([price]) => Number(price))).size === levels.length,
    'must not name a price twice',
  );

/** Every field of a symbol that may be changed, none of them with a default: absent means unchanged. */
const RuleChanges = z.strictObject({
  symbol,
  status: z.enum(['1', '2', '3']).optional(),
  baseAssetPrecision: z.int().min(0).max(18).optional(),
  quotePrecision: z.int().min(0).max(18).optional(),
  quoteAssetPrecision: z.int().min(0).max(18).optional(),
  orderTypes: z.array(z.string()).optional(),
  isSpotTradingAllowed: z.boolean().optional(),
  permissions: z.array(z.string()).optional(),
  quoteAmountPrecision: DecimalText.optional(),
  baseSizePrecision: DecimalText.optional(),
  quoteAmountPrecisionMarket: DecimalText.optional(),
  maxQuoteAmount: DecimalText.optional(),
  maxQuoteAmountMarket: DecimalText.optional(),
  makerCommission: DecimalText.optional(),
  takerCommission: DecimalText.optional(),
  filters: z.array(PriceFilter).optional(),
  tradeSideType: z.int().min(1).max(4).optional(),
  st: z.boolean().optional(),
  hidden: z
    .strictObject({
      self: z.boolean().optional(),
      suspended: z.boolean().optional(),
      marketDisabled: z.boolean().optional(),
      buyingSuspended: z.boolean().optional(),
      sellingSuspended: z.boolean().optional(),
    })
    .optional(),
});

/** An order placed by the owner in the exchange's own app: no key, no API rules, no client order id. */
const HandOrder = z.strictObject({
  uid,
  symbol,
  side: Side,
  type: OrderType,
  quantity: PositiveText.optional(),
  quoteOrderQty: PositiveText.optional(),
  price: PositiveText.optional(),
});
export type HandOrder = z.infer<typeof HandOrder>;

/** A deposit, or with a negative amount a withdrawal, of free balance. */
const BalanceChange = z.strictObject({ uid, asset: z.string().min(1), amount: DecimalText });

const AccountChanges = z.strictObject({
  uid,
  mxDeduct: z.boolean().optional(),
  canTrade: z.boolean().optional(),
});

/** What the world does to the exchange, by name. */
export const COMMANDS = {
  price: z.strictObject({ symbol, price: PositiveText }),
  trade: z.strictObject({ symbol, price: PositiveText, quantity: PositiveText }),
  book: z.strictObject({ symbol, bids: Levels, asks: Levels }),
  order: HandOrder,
  cancel: z.strictObject({ orderId: z.string() }),
  balance: BalanceChange,
  rules: RuleChanges,
  account: AccountChanges,
  fault: FaultRule,
  faultsCleared: z.strictObject({}),
} as const;

/** One thing the world did to the exchange; kept in the state file like a request. */
export const Command = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('price'), with: COMMANDS.price }),
  z.strictObject({ do: z.literal('trade'), with: COMMANDS.trade }),
  z.strictObject({ do: z.literal('book'), with: COMMANDS.book }),
  z.strictObject({ do: z.literal('order'), with: COMMANDS.order }),
  z.strictObject({ do: z.literal('cancel'), with: COMMANDS.cancel }),
  z.strictObject({ do: z.literal('balance'), with: COMMANDS.balance }),
  z.strictObject({ do: z.literal('rules'), with: COMMANDS.rules }),
  z.strictObject({ do: z.literal('account'), with: COMMANDS.account }),
  z.strictObject({ do: z.literal('fault'), with: COMMANDS.fault }),
  z.strictObject({ do: z.literal('faultsCleared'), with: COMMANDS.faultsCleared }),
]);
export type Command = z.infer<typeof Command>;
export type CommandInput = z.input<typeof Command>;
