import type { Side, SymbolRules } from '../../domain/exchange.ts';
import { closedTo } from '../../domain/rules.ts';
import type { Verdict, VerdictName } from './verdict.ts';

/** Whether a symbol takes orders of this side over the API, as far as the exchange's own listing says. */
export const checkSymbol = (symbol: string, side: Side, rules: SymbolRules | undefined): Verdict[] => {
  const closed = closedTo(rules, symbol, side);
  if (closed || !rules)
    return [
      {
        verdict: reasonOf(rules),
        level: 'wrong',
        about: symbol,
        message: closed?.message ?? `${symbol} is not known.`,
        advice: rules
          ? 'Trade another symbol, or look at the settings of the key.'
          : 'Mind the spelling, e.g. SOLUSDT.',
      },
    ];
  if (!rules.orderTypes.includes('MARKET')) return [marketClosed(symbol)];
  return [];
};

/** Market orders are switched off on a symbol. */
export const marketClosed = (symbol: string): Verdict => ({
  verdict: 'market_closed',
  level: 'wrong',
  about: symbol,
  message: `${symbol} takes no market orders over the API.`,
  advice:
    'Send limit orders, or set marketAsIoc for the strategy: then a limit order within maxSlippagePercent is sent instead.',
});

const reasonOf = (rules: SymbolRules | undefined): VerdictName => {
  if (!rules) return 'symbol_unknown';
  if (!rules.online) return 'symbol_paused';
  return rules.openToApi ? 'symbol_one_sided' : 'symbol_closed';
};
