import type { CallOptions } from '../domain/ports.ts';
import type { Trading } from './trading.ts';

/** Rules older than this are read again, ms. */
const REFRESH_EVERY = 3_600_000;

/**
 * Keeps the rules of the configured symbols, and of every symbol met so far, fresh. One exchangeInfo and one
 * selfSymbols call whatever their number.
 */
export const refreshSymbols = async (
  configured: readonly string[],
  trading: Trading,
  options: CallOptions,
): Promise<void> => {
  const { ledger, exchange, clock } = trading;
  const stored = await ledger.rules(options);
  const wanted = [...new Set([...configured, ...stored.map(({ symbol }) => symbol)])];
  const fresh = new Set(
    stored.filter(({ refreshedAt }) => clock.now() - refreshedAt < REFRESH_EVERY).map(({ symbol }) => symbol),
  );
  if (wanted.length === 0 || wanted.every((symbol) => fresh.has(symbol))) return;
  await ledger.saveRules(await exchange.symbolRules(wanted, options), options);
};
