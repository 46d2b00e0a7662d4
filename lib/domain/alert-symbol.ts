import { asciiLower, asciiUpper, no, type Read, readText, yes } from './alert-fields.ts';
import type { Json } from './alert-json.ts';
import { holdsPieceOfSecret } from './alert-keys.ts';

export interface SymbolSettings {
  /** Spellings that the strategy's owner allowed → symbols of the exchange. */
  readonly symbolAliases: Readonly<Record<string, string>>;
  /** Texts of which no piece may be shown. */
  readonly secrets: readonly string[];
}

/** Letters and digits of any script: the exchange lists symbols with Chinese names. */
const SYMBOL = /^[\p{L}\p{M}\p{N}]{1,40}$/u;
const PERPETUAL_SUFFIX = /(?:\.P|:USDT|:USDC|[-_.]?PERP|[-_]SWAP|[-_](?:U|D|C)MCBL|[-_]FUTURES?)$/;
const SPOT_SUFFIX = /(?:[-_]SPBL|[-_.]SPOT)$/;
/** Separators and invisible characters, left out of the spelling that we suggest. */
const IGNORED = /[\s/\-_.|\p{Cf}]/gu;
/** Less than base and quote together: a suggestion would mislead. */
const SHORTEST = 5;
const ALIAS_SETTING = "allow this spelling through the strategy's symbolAliases setting";

/**
 * Reads a symbol: an alias of the strategy, or the exchange's own spelling with or without `MEXC:`. Any other spelling
 * is refused with the one to use: another exchange or a perpetual has other prices, so it is never taken silently.
 */
export const readSymbol = (
  value: Json,
  settings: SymbolSettings,
): Read<{ symbol: string; aliased: boolean }> => {
  const text = readText(value);
  if (!text.ok) return text;
  const alias = aliasOf(text.value, settings.symbolAliases);
  if (alias !== undefined) return yes({ symbol: asciiUpper(alias.trim()), aliased: true });
  const upper = asciiUpper(text.value);
  const name = upper.replace(/^MEXC:/, '');
  if (SYMBOL.test(name) && name === name.normalize('NFKC') && !endsInPerp(name)) {
    return yes({ symbol: name, aliased: false });
  }
  return no(refusal(upper, settings.secrets));
};

const aliasOf = (text: string, aliases: Readonly<Record<string, string>>): string | undefined => {
  const wanted = asciiLower(text);
  return Object.entries(aliases).find(([spelling]) => asciiLower(spelling.trim()) === wanted)?.[1];
};

const endsInPerp = (name: string): boolean => /(?:USDT|USDC|USD)PERP$/.test(name);

const refusal = (upper: string, secrets: readonly string[]): string => {
  // ccxt writes the perpetual of SOL/USDT as SOL/USDT:USDT: what stands before that colon is no exchange
  const [, exchange = 'MEXC', name = upper] = /^([\p{L}\p{N}_-]+):(.+)$/u.exec(upper) ?? [];
  const perpetual = endsInPerp(name) || (!SYMBOL.test(name) && PERPETUAL_SUFFIX.test(name));
  const spot = perpetual ? name.replace(PERPETUAL_SUFFIX, '') : name.replace(SPOT_SUFFIX, '');
  const spelling = asciiUpper(spot.normalize('NFKC').replaceAll(IGNORED, ''));
  const safe = SYMBOL.test(spelling) && spelling.length >= SHORTEST && !holdsPieceOfSecret(spelling, secrets);
  const use = safe ? `use ${spelling}` : "use the exchange's spelling, such as SOLUSDT";
  if (perpetual) return `is a perpetual contract, and this trades spot: ${use}, or ${ALIAS_SETTING}`;
  if (exchange !== 'MEXC') return `is the chart of another exchange: ${use}, or ${ALIAS_SETTING}`;
  if (/\p{Cf}/u.test(upper)) return `holds invisible characters: ${use}`;
  if (SYMBOL.test(name)) return `holds full-width or composed characters: ${use}`;
  return `is not spelled as on MEXC: ${use}`;
};
