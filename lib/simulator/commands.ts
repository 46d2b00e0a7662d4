import * as z from 'zod';
import { Permission } from './accounts.ts';
import { DecimalText, PositiveText } from './decimal.ts';
import { FaultRule } from './fault-rule.ts';
import { Limits } from './limit-rules.ts';
import { Bar, OrderType, Side } from './state.ts';
import { StreamFaultRule } from './stream/fault-rule.ts';
import { StreamFormChanges } from './stream/stream-state.ts';
import { PriceFilter } from './symbols.ts';
import { BalanceKind, World } from './world.ts';

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
      maxPosition: DecimalText.nullable().optional(),
      listedAt: z.int().nullable().optional(),
      offlineAt: z.int().nullable().optional(),
      quietShare: z.number().min(0).max(1).optional(),
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

/**
 * A change of free balance from outside. Without a kind it is a deposit, or with a negative amount a withdrawal.
 */
const BalanceChange = z.strictObject({
  uid,
  asset: z.string().min(1),
  amount: DecimalText,
  kind: BalanceKind.optional(),
});
export type BalanceChange = z.infer<typeof BalanceChange>;

const AccountChanges = z.strictObject({
  uid,
  mxDeduct: z.boolean().optional(),
  canTrade: z.boolean().optional(),
  abnormal: z.boolean().optional(),
});

/** What happens to a key: it expires, is bound to addresses, loses rights or is deleted. Absent means unchanged. */
const KeyChanges = z.strictObject({
  accessKey: z.string(),
  permissions: z.array(Permission).optional(),
  symbols: z.array(z.string()).nullable().optional(),
  expiresAt: z.int().nullable().optional(),
  ipWhiteList: z.string().optional(),
  revoked: z.boolean().optional(),
});

/** Every signed call answers with this code until it is null again. */
const Maintenance = z.strictObject({
  code: z.union([z.literal(604), z.literal(801), z.literal(11444)]).nullable(),
});

/** How ordinary refusals look: their HTTP status, and which of two codes for one cause they name. */
const ErrorForm = z.strictObject({
  status: World.shape.errorStatus.unwrap().optional(),
  wording: World.shape.errorWording.unwrap().optional(),
});

/** What the candles of all symbols look like where the reference page leaves it open. */
const CandleForm = z.strictObject({
  emptySpans: z.enum(['absent', 'flat']).optional(),
  dayOpensAt: z.int().min(-14).max(12).optional(),
  strayRows: z.int().min(0).max(500).optional(),
});

/** Puts another bar, or none, in the place of one minute's candle. `openTime` in Unix milliseconds. */
const CandleChange = z.strictObject({
  symbol,
  openTime: z.int().multipleOf(60_000),
  bar: Bar.nullable(),
});

/** A listen key, or all keys of an account, run out before their time. */
const KeyExpiry = z.strictObject({ uid, listenKey: z.string().optional() });

/** What happens to the connections that are open, or to those of one listen key, apart from any fault. */
const Connections = z.strictObject({
  how: z.enum(['close', 'destroy', 'silence']),
  listenKey: z.string().optional(),
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
  candleForm: CandleForm,
  candle: CandleChange,
  key: KeyChanges,
  limits: z.strictObject({ limits: Limits }),
  clock: z.strictObject({ skewMs: z.int() }),
  maintenance: Maintenance,
  errorStatus: ErrorForm,
  fault: FaultRule,
  faultsCleared: z.strictObject({}),
  streamForm: StreamFormChanges,
  streamFault: StreamFaultRule,
  streamFaultsCleared: z.strictObject({}),
  listenKeyExpired: KeyExpiry,
  connections: Connections,
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
  z.strictObject({ do: z.literal('candleForm'), with: COMMANDS.candleForm }),
  z.strictObject({ do: z.literal('candle'), with: COMMANDS.candle }),
  z.strictObject({ do: z.literal('key'), with: COMMANDS.key }),
  z.strictObject({ do: z.literal('limits'), with: COMMANDS.limits }),
  z.strictObject({ do: z.literal('clock'), with: COMMANDS.clock }),
  z.strictObject({ do: z.literal('maintenance'), with: COMMANDS.maintenance }),
  z.strictObject({ do: z.literal('errorStatus'), with: COMMANDS.errorStatus }),
  z.strictObject({ do: z.literal('fault'), with: COMMANDS.fault }),
  z.strictObject({ do: z.literal('faultsCleared'), with: COMMANDS.faultsCleared }),
  z.strictObject({ do: z.literal('streamForm'), with: COMMANDS.streamForm }),
  z.strictObject({ do: z.literal('streamFault'), with: COMMANDS.streamFault }),
  z.strictObject({ do: z.literal('streamFaultsCleared'), with: COMMANDS.streamFaultsCleared }),
  z.strictObject({ do: z.literal('listenKeyExpired'), with: COMMANDS.listenKeyExpired }),
  z.strictObject({ do: z.literal('connections'), with: COMMANDS.connections }),
]);
export type Command = z.infer<typeof Command>;
export type CommandInput = z.input<typeof Command>;
