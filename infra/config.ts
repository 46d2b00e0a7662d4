import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { CandleSettings, SnapshotConfig, TradingConfig } from '../lib/domain/settings.ts';

/** The one configuration of a deployment: the `mexc` entry of cdk.json's context, or the file named by CONFIG. */
export const Config = z.strictObject({
  ...TradingConfig.shape,
  /** Symbols this deployment works on, as the exchange spells them. */
  symbols: z
    .array(z.string().regex(/^[^\s/:a-z]+$/, 'must be spelt as the exchange does, e.g. "SOLUSDT"'))
    .min(1)
    .default(['SOLUSDT', 'XRPUSDT']),
  snapshots: SnapshotConfig.prefault({}),
  candles: CandleSettings.prefault({}),
  /** The exchange's REST API. */
  mexcRestUrl: z.url({ protocol: /^https$/ }).default('https://api.mexc.com'),
});
export type Config = z.infer<typeof Config>;

/** A configuration that must not be deployed. Its message is made for the person who wrote it. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

/** The part that the trading functions are bundled with, in the order of the schema: same input, same bytes. */
export const tradingPart = ({ strategies, symbols, allowedAddresses }: Config): TradingConfig =>
  TradingConfig.parse({ strategies, symbols, ...(allowedAddresses && { allowedAddresses }) });

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
  const parsed = Config.safeParse((path ? readJson(path) : context) ?? {});
  if (parsed.success) return parsed.data;
  const sentences = parsed.error.issues.map(
    ({ path: keys, message }) => `${keys.join('.') || 'it'}: ${message}`,
  );
  throw new ConfigError(`The configuration is wrong (${origin}). ${sentences.join('; ')}.`);
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
