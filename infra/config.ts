import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { Channel } from '../lib/domain/messengers.ts';
import type { ReadConfig } from '../lib/domain/overview.ts';
import { CandleSettings, SnapshotConfig, type StreamConfig, TradingConfig } from '../lib/domain/settings.ts';
import { plainWords, sentencesOf } from './config-messages.ts';
import { misspeltSymbols } from './config-symbols.ts';

/** A book takes a subscription, memory for its levels, and a large download whenever it has to be read anew. */
const MOST_BOOKS = 30;
/** Every channel costs a queue that is asked for messages all the time. */
const MOST_CHANNELS = 10;

/** Who is told what, and how. Addresses and tokens of messengers are not here but in the secret `NotifySecret`. */
const NotificationSettings = z.strictObject({
  /** Gets every alarm. */
  email: z.email('must be an e-mail address').optional(),
  /** Messengers by a name of the owner's. */
  channels: z
    .record(
      z.string().regex(/^[a-z][a-z0-9]{0,30}$/, 'must be lower-case letters and digits, e.g. "phone"'),
      Channel,
    )
    .refine((all) => Object.keys(all).length <= MOST_CHANNELS, `must be at most ${MOST_CHANNELS} channels`)
    .default({}),
});
export type NotificationSettings = z.infer<typeof NotificationSettings>;

/** The container that follows the exchange's stream. Off by default: a first deployment then needs no Docker. */
const StreamSettings = z.strictObject({
  enabled: z.boolean().default(false),
  /** On spare capacity, which is cheaper and may be moved at any time. */
  spot: z.boolean().default(false),
  /** Symbols whose whole order book is followed: some of those of the configuration. */
  books: z
    .array(z.string())
    .max(MOST_BOOKS, `must be at most ${MOST_BOOKS} symbols`)
    .refine((all) => new Set(all).size === all.length, 'must name each symbol once')
    .default([]),
});

/** What the owner expects to pay AWS at most. */
const BudgetSettings = z.strictObject({
  /** Of the whole account, USD a month: what comes near it, or is going to, is told to the alarm topic. */
  monthlyUsd: z.number('must be an amount in USD, e.g. 20').positive('must be above 0').max(1_000_000),
});

/** What the owner expects, for the estimate of what it costs. */
const ExpectedUse = z.strictObject({
  alertsPerMonth: z.int().min(0).max(10_000_000).default(1_000),
});

/** The one configuration of a deployment: the `mexc` entry of cdk.json's context, or the file named by CONFIG. */
export const Config = z
  .strictObject({
    ...TradingConfig.shape,
    /** Symbols this deployment works on, as the exchange spells them. */
    symbols: z
      .array(z.string().regex(/^[^\s/:a-z]+$/, 'must be spelt as the exchange does, e.g. "SOLUSDT"'))
      .min(1)
      .default(['SOLUSDT', 'XRPUSDT']),
    snapshots: SnapshotConfig.prefault({}),
    candles: CandleSettings.prefault({}),
    notifications: NotificationSettings.prefault({}),
    stream: StreamSettings.prefault({}),
    /** Whether the read API serves the operator's page at `GET /`. */
    console: z.boolean().default(true),
    /** Absent: nobody watches what it costs. */
    budget: BudgetSettings.optional(),
    expected: ExpectedUse.prefault({}),
    /** The exchange's REST API. */
    mexcRestUrl: z.url({ protocol: /^https$/ }).default('https://api.mexc.com'),
    /** The exchange's stream. */
    mexcWsUrl: z.url({ protocol: /^wss$/ }).default('wss://wbs-api.mexc.com/ws'),
  })
  .superRefine(({ symbols, stream }, { addIssue }) => {
    for (const [n, symbol] of stream.books.entries()) {
      if (!symbols.includes(symbol))
        addIssue({ code: 'custom', path: ['stream', 'books', n], message: 'must be one of `symbols`' });
    }
  });
export type Config = z.infer<typeof Config>;

/** A configuration that must not be deployed. Its message is made for the person who wrote it. */
export class ConfigError extends Error {
  override name = 'ConfigError';
  /** One for each wrong value. */
  readonly sentences: readonly string[];

  constructor(message: string, sentences: readonly string[] = [message]) {
    super(message);
    this.sentences = sentences;
  }
}

/** The part that the trading functions are bundled with, in the order of the schema: same input, same bytes. */
export const tradingPart = ({ strategies, symbols, allowedAddresses }: Config): TradingConfig =>
  TradingConfig.parse({ strategies, symbols, ...(allowedAddresses && { allowedAddresses }) });

/** The part that `read-state` is bundled with. */
export const readPart = (config: Config): ReadConfig => ({
  trading: tradingPart(config),
  triggers: config.snapshots.triggers,
});

/** The part that the stream task is bundled with. */
export const streamPart = (config: Config): StreamConfig => ({
  trading: tradingPart(config),
  books: config.stream.books,
});

/** The part that `pull-klines` is bundled with: whose candles are kept is said there by name. */
export const candlePart = ({ candles, symbols }: Config): CandleSettings =>
  CandleSettings.parse({ ...candles, symbols: candles.symbols ?? symbols });

/**
 * Reads and checks the configuration.
 * @param source path of a file to use (setting CONFIG), and the context value that is used without it
 * @throws ConfigError a sentence for each wrong value, naming its path
 */
export const readConfig = ({ path, context }: { path?: string | undefined; context: unknown }): Config => {
  const origin = path ? `CONFIG ${path}` : 'cdk.json, context mexc';
  const given = (path ? readJson(path) : context) ?? {};
  const parsed = Config.safeParse(given, { error: plainWords });
  const sentences = parsed.success ? misspeltSymbols(parsed.data) : sentencesOf(parsed.error, Config, given);
  if (parsed.success && sentences.length === 0) return parsed.data;
  throw new ConfigError(`The configuration is wrong (${origin}). ${sentences.join('. ')}.`, sentences);
};

const readJson = (path: string): unknown => {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    throw new ConfigError(`CONFIG names ${path}, which cannot be read.`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ConfigError(
      `CONFIG ${path} is not JSON: ${error instanceof Error ? error.message : 'unreadable'}.`,
    );
  }
};
