import * as z from 'zod';
import type { Series } from './candle-window.ts';

/** A decimal as text; a JSON number is taken by its digits. */
const decimalText = (form: RegExp, words: string) =>
  z.preprocess(
    (value) => (typeof value === 'number' ? String(value) : value),
    z.string(words).regex(form, words),
  );

const Amount = decimalText(/^\d{1,20}(\.\d{1,18})?$/, 'must be a decimal amount, e.g. "500" or 500');
const SymbolName = z.string().regex(/^[^\s/:a-z]+$/, 'must be spelt as the exchange does, e.g. "SOLUSDT"');
const Percent = decimalText(/^\d{1,3}(\.\d{1,6})?$/, 'must be a percentage, e.g. "2.5" or 2.5');

/** When a strategy is set to REDUCE_ONLY by itself; the operator re-arms it. */
const TriggerSettings = z.strictObject({
  /** Most realised loss of a UTC day, quote; absent: not watched. */
  maxDailyLoss: Amount.optional(),
  /** Most orders of a day that the exchange refused, in percent, judged from ten orders on. */
  maxRejectPercent: z.number().min(0).max(100).default(50),
  /** Most orders at once whose outcome is not known. */
  maxUnknown: z.int().min(0).max(100).default(5),
});
export type TriggerSettings = z.infer<typeof TriggerSettings>;

/**
 * What one strategy may do. The sending transaction enforces the limits, so they hold under any concurrency
 * and crash. Amounts are in the quote currency of the symbol.
 */
export const StrategySettings = z.strictObject({
  /** Symbols this strategy may trade; absent: every symbol open to the key. */
  symbols: z.array(SymbolName).optional(),
  /** Other spellings of a symbol, e.g. {"BINANCE:SOLUSDT": "SOLUSDT"}. */
  symbolAliases: z.record(z.string(), SymbolName).default({}),
  /** Most notional of one order. */
  maxOrderNotional: Amount.default('5000'),
  /** Orders per UTC day. */
  maxOrdersPerDay: z.int().min(1).default(1000),
  /** Notional per UTC day. */
  maxNotionalPerDay: Amount.default('100000'),
  /** Orders in flight at once: sent and not yet settled. At most 100, they are entries of one item. */
  maxOpenOrders: z.int().min(1).max(100).default(50),
  /** Most notional of the position in one symbol, open buys included. */
  maxPositionNotional: Amount.default('50000'),
  /** Most deviation of a limit price, or of the signal's price, from the last price, in percent. */
  maxDeviationPercent: Percent.default('5'),
  /** What a market order may cost beyond the reference price; reserved on top, in percent. */
  maxSlippagePercent: Percent.default('1'),
  /** An alert older than this is not carried out, seconds. */
  staleAfterSeconds: z.int().min(5).max(86_400).default(60),
  /** What a short signal means on spot, which holds long or nothing. */
  shortAs: z.enum(['flat', 'refuse']).default('flat'),
  /** Accept alerts without `time`; then age and order of signals cannot be checked. */
  undated: z.boolean().default(false),
  /**
   * Send an order again, as a new attempt, after it was proven absent and while its alert is fresh. Off by
   * default: if the exchange ever broke the timing assumptions of the proof, two orders could result.
   */
  resendAbsent: z.boolean().default(false),
  /** Capital that `targetPercent` refers to, in the quote currency. */
  capital: Amount.optional(),
  /** Where market orders are closed over the API: send an IMMEDIATE_OR_CANCEL limit within `maxSlippagePercent` instead. */
  marketAsIoc: z.boolean().default(false),
  /** Resting orders are cancelled after so many days at the latest: the exchange answers for seven. */
  maxRestingDays: z.int().min(1).max(6).default(6),
  /** Minutes after which the next alert of this strategy is overdue; absent: none is waited for. At least 2. */
  expectAlertEvery: z.int().min(2).max(50_000).optional(),
  triggers: TriggerSettings.prefault({}),
});
export type StrategySettings = z.infer<typeof StrategySettings>;

/** Which candles are kept. */
export const CandleSettings = z.strictObject({
  /** Absent: the symbols of the configuration. */
  symbols: z.array(SymbolName).optional(),
  /** As the exchange writes them; case matters. */
  intervals: z
    .array(
      z.enum(
        ['1m', '5m', '15m', '30m', '60m', '4h', '1d', '1W', '1M'],
        'must be one of 1m, 5m, 15m, 30m, 60m, 4h, 1d, 1W, 1M',
      ),
    )
    .min(1)
    .default(['1m']),
  /** Candles that a new series starts with; what is older is for a backfill. */
  depth: z.int().min(1).max(50_000).default(1_440),
  /** Minutes between two pulls. */
  everyMinutes: z.int().min(1).max(60).default(5),
});
export type CandleSettings = z.infer<typeof CandleSettings>;

/** The checked part of the configuration that the trading functions are bundled with. */
export const TradingConfig = z.strictObject({
  /** Settings by strategy name; a strategy with a token but without an entry gets the defaults. */
  strategies: z.record(z.string(), StrategySettings).default({}),
  /** Symbols whose rules are kept fresh; others are asked for when an alert first names them. */
  symbols: z.array(z.string().min(1)).default([]),
  /** Source addresses that may call the webhook; absent: all. A second layer only, never the first. */
  allowedAddresses: z
    .array(
      z.union([z.ipv4(), z.ipv6()], 'must be one IP address, e.g. "52.89.214.238"; ranges are not supported'),
    )
    .optional(),
});
export type TradingConfig = z.infer<typeof TradingConfig>;

/** The checked part of the configuration that the stream task is bundled with. */
export const StreamConfig = z.strictObject({
  trading: TradingConfig,
  /** Symbols whose order book is followed. */
  books: z.array(SymbolName),
});
export type StreamConfig = z.infer<typeof StreamConfig>;

/** The part of the configuration that `snapshot-balances` is bundled with. */
export const SnapshotConfig = z.strictObject({
  /** Length of a slot; a snapshot each. */
  everyMinutes: z.int().min(1).max(1_440).default(15),
  /** Asset that everything is valued in. */
  quote: z
    .string()
    .regex(/^[A-Z0-9]+$/, 'must be an asset, e.g. "USDT"')
    .default('USDT'),
  /** When all strategies are set to REDUCE_ONLY by themselves; absent: not watched. */
  triggers: z
    .strictObject({
      /** The account's worth below its peak, in percent. */
      maxDrawdownPercent: Percent.optional(),
      /** Worth of changes that nothing explains, quote. */
      maxUnexplained: Amount.optional(),
    })
    .default({}),
});
export type SnapshotConfig = z.infer<typeof SnapshotConfig>;

/** The settings of a strategy: its own, or the defaults. */
export const settingsOf = (config: TradingConfig, strategy: string): StrategySettings =>
  (Object.hasOwn(config.strategies, strategy) ? config.strategies[strategy] : undefined) ??
  StrategySettings.parse({});

/** Minutes between two alerts at most, of the strategies that say so. */
export const expectedAlerts = ({ strategies }: TradingConfig): ReadonlyMap<string, number> =>
  new Map(
    Object.entries(strategies).flatMap(([name, { expectAlertEvery }]) =>
      expectAlertEvery === undefined ? [] : [[name, expectAlertEvery] as const],
    ),
  );

/** Every series that is pulled. @param symbols those of the configuration, for settings that name none */
export const seriesOf = (settings: CandleSettings, symbols: readonly string[] = []): readonly Series[] =>
  (settings.symbols ?? symbols).flatMap((symbol) =>
    settings.intervals.map((interval) => ({ symbol, interval })),
  );
