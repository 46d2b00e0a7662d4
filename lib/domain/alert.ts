import * as z from 'zod';
import { credentialsOf, type RawAlert, valuesOf } from './alert-body.ts';
import {
  type AlertProblem,
  type Read,
  readBoolean,
  readFreeText,
  readId,
  readNumber,
  readText,
  readWhole,
  readWord,
} from './alert-fields.ts';
import { readInfo } from './alert-info.ts';
import type { Json } from './alert-json.ts';
import {
  type AlertKey,
  holdsSecret,
  isAlertKey,
  shownKey,
  unknownKeyMessage,
  worthHiding,
} from './alert-keys.ts';
import { checkTogether, readsAsZero } from './alert-rules.ts';
import { readSymbol } from './alert-symbol.ts';
import { readTime } from './alert-time.ts';
import { DecimalText } from './money.ts';
import { OrderType } from './order-type.ts';

export type { AlertProblem } from './alert-fields.ts';

const Action = z.enum(['buy', 'sell', 'close', 'target', 'cancel']);

const MarketPosition = z.enum(['long', 'flat', 'short']);

/** One alert, read and checked in itself. Amounts are plain decimal text without exponent. */
export const Alert = z.object({
  strategy: z.string().min(1),
  id: z.string().min(1).optional(),
  /** When the alert fired, epoch ms. Absent only for a strategy that is `undated`. */
  time: z.int().optional(),
  sequence: z.int().min(0).optional(),
  /** The exchange's spelling: joined, upper case. */
  symbol: z.string().min(1),
  action: Action,
  marketPosition: MarketPosition.optional(),
  type: OrderType,
  quantity: DecimalText.optional(),
  quoteQuantity: DecimalText.optional(),
  percent: DecimalText.optional(),
  /** As asked, so it may be negative (under `shortAs: flat`, or with marketPosition flat): carried out as 0. */
  targetQuantity: DecimalText.optional(),
  targetPercent: DecimalText.optional(),
  price: DecimalText.optional(),
  signalPrice: DecimalText.optional(),
  expireAfterSeconds: z.int().min(60).optional(),
  test: z.boolean(),
  /** Numbers are kept as the text they were written as. */
  info: z.record(z.string(), z.string()).optional(),
  comment: z.string().optional(),
});
export type Alert = z.infer<typeof Alert>;

/** What reading an alert needs to know of its strategy. */
export interface AlertSettings {
  /** Spellings of symbols that the owner allowed → symbols of the exchange. */
  readonly symbolAliases: Readonly<Record<string, string>>;
  /** What a short means on spot. */
  readonly shortAs: 'flat' | 'refuse';
  /** True: alerts without `time` are taken. */
  readonly undated: boolean;
}

export type AlertReading =
  | { readonly ok: true; readonly alert: Alert; readonly notes: readonly string[] }
  | { readonly ok: false; readonly problems: readonly AlertProblem[] };

const MAX_COMMENT = 500;
/** Some thirty years: far beyond any use, and still a date. */
const MAX_EXPIRE_SECONDS = 1_000_000_000;

/**
 * Reads an alert, or says everything that is wrong with it at once. Age is not judged here: see `checkAge`.
 * @param tokens the strategy's tokens: no path and no message holds a piece of them
 */
export const readAlert = (
  raw: RawAlert,
  settings: AlertSettings,
  tokens: readonly string[],
): AlertReading => {
  const secrets = worthHiding(tokens, credentialsOf(raw, undefined).strategy);
  const problems = keyProblems(raw, secrets);
  const given = new Set<AlertKey>();
  const read = <T>(key: AlertKey, reader: (value: Json) => Read<T>): T | undefined => {
    const [value, ...more] = valuesOf(raw, key);
    if (value === undefined || (value === null && more.length === 0)) return undefined;
    given.add(key);
    if (more.length > 0) return undefined;
    const result = reader(value);
    if (result.ok) return result.value;
    problems.push({ path: key, message: result.message });
    return undefined;
  };
  const required = <T>(key: AlertKey, reader: (value: Json) => Read<T>): T | undefined => {
    const value = read(key, reader);
    if (!given.has(key)) problems.push({ path: key, message: MISSING[key] ?? 'is missing' });
    return value;
  };
  const open =
    <T>(reader: (value: Json) => Read<T>) =>
    (value: Json) =>
      withoutToken(value, reader(value), secrets);

  read('token', readText);
  const strategy = required('strategy', readText);
  const time = settings.undated ? read('time', readTime) : required('time', readTime);
  const id = read('id', open(readId));
  const sequence = read('sequence', (value) => readWhole(value, 0, Number.MAX_SAFE_INTEGER));
  const symbol = required(
    'symbol',
    open((value) => readSymbol(value, { ...settings, secrets })),
  );
  const action = required('action', (value) => readWord(value, Action.options));
  const marketPosition = read('marketPosition', (value) => readWord(value, MarketPosition.options));
  const chosenType = read('type', (value) => readWord(value, OrderType.options, typeHint));
  const type = given.has('type') ? chosenType : 'market';
  const info = read('info', (value) => {
    const entries = readInfo(value, secrets);
    problems.push(...entries.problems);
    return { ok: true, value: entries.info };
  });
  const draft = {
    strategy,
    id,
    time,
    sequence,
    symbol: symbol?.symbol,
    action,
    marketPosition,
    type,
    quantity: read('quantity', readNumber),
    quoteQuantity: read('quoteQuantity', readNumber),
    percent: read('percent', (value) => readNumber(value, { most: '100' })),
    targetQuantity: read('targetQuantity', (value) => readNumber(value, { signed: true, zero: true })),
    targetPercent: read('targetPercent', (value) => readNumber(value, { zero: true, most: '100' })),
    price: read('price', readNumber),
    signalPrice: read('signalPrice', readNumber),
    expireAfterSeconds: read('expireAfterSeconds', (value) => readWhole(value, 60, MAX_EXPIRE_SECONDS)),
    test: read('test', readBoolean) ?? false,
    info,
    comment: read(
      'comment',
      open((value) => readFreeText(value, MAX_COMMENT)),
    ),
  };
  problems.push(...checkTogether(draft, given, settings));
  if (problems.length > 0) return { ok: false, problems };

  const notes: string[] = [];
  if (symbol?.aliased === true) notes.push(`symbol read as ${symbol.symbol} through symbolAliases`);
  if (readsAsZero(draft)) notes.push('a negative target is a short position: read as target 0');
  const present = Object.entries(draft).filter(([, value]) => value !== undefined);
  return { ok: true, alert: Alert.parse(Object.fromEntries(present)), notes };
};

const MISSING: Readonly<Partial<Record<AlertKey, string>>> = {
  time: 'is missing: when the alert fired; in TradingView {{timenow}}',
  symbol: 'is missing: such as SOLUSDT',
  action: `is missing: one of ${Action.options.join(', ')}`,
};

const keyProblems = (raw: RawAlert, secrets: readonly string[]): AlertProblem[] => {
  const counts = new Map<string, number>();
  for (const [key] of raw.members) counts.set(key, (counts.get(key) ?? 0) + 1);
  const problems: AlertProblem[] = [];
  for (const [key, count] of counts) {
    if (!isAlertKey(key)) problems.push({ path: shownKey(key, secrets), message: unknownKeyMessage(key) });
    else if (count > 1)
      problems.push({ path: key, message: `is given ${count} times: it must be given once` });
  }
  return problems;
};

/** Fields that are shown and sent on must not carry the token. */
const withoutToken = <T>(value: Json, result: Read<T>, secrets: readonly string[]): Read<T> =>
  typeof value === 'string' && holdsSecret(value, secrets)
    ? { ok: false, message: 'holds the token, which belongs into token only' }
    : result;

const typeHint = (word: string): string | undefined => {
  if (/stop|profit|trail|trigger|touched|oco|bracket/.test(word)) return 'MEXC spot has no such order';
  if (/post|maker/.test(word)) return 'use limit_maker';
  if (/immediate/.test(word)) return 'use ioc';
  return /fill/.test(word) ? 'use fok' : undefined;
};
