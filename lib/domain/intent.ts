import type { Alert } from './alert.ts';
import type { DecimalText } from './money.ts';
import { decimal } from './money.ts';

/** What an alert's `action` and `marketPosition` mean together; spot holds long or nothing. */
export type Wanted =
  | { readonly kind: 'buy' | 'sell'; readonly size: Size }
  /** Sell the whole own position. `newest`: carries out an intent, older ones are superseded. */
  | { readonly kind: 'exit'; readonly newest: boolean }
  | {
      readonly kind: 'target';
      readonly target: { readonly quantity: DecimalText } | { readonly percent: DecimalText };
    }
  | { readonly kind: 'cancel' }
  | { readonly kind: 'skip'; readonly reason: string }
  | { readonly kind: 'invalid'; readonly path: string; readonly message: string };

export type Size =
  | { readonly quantity: DecimalText }
  | { readonly quoteQuantity: DecimalText }
  | { readonly percent: DecimalText };

/** @param shortAs what a short signal means on spot (strategy setting) */
export const wantedBy = (alert: Alert, shortAs: 'flat' | 'refuse'): Wanted => {
  const position = alert.marketPosition;
  if (
    position === 'short' &&
    shortAs === 'refuse' &&
    (alert.action === 'sell' || alert.action === 'target')
  ) {
    return shortRefused('marketPosition');
  }
  switch (alert.action) {
    case 'buy':
      return position === 'flat' || position === 'short'
        ? { kind: 'skip', reason: 'covers a short position, which spot never had' }
        : sized('buy', alert);
    case 'sell':
      return position === 'flat' || position === 'short'
        ? { kind: 'exit', newest: false }
        : sized('sell', alert);
    case 'close':
      return { kind: 'exit', newest: true };
    case 'cancel':
      return { kind: 'cancel' };
    case 'target':
      return position === 'flat' || position === 'short'
        ? { kind: 'exit', newest: true }
        : targeted(alert, shortAs);
  }
};

const targeted = (alert: Alert, shortAs: 'flat' | 'refuse'): Wanted => {
  if (alert.targetPercent !== undefined) {
    return decimal(alert.targetPercent).eq('0')
      ? { kind: 'exit', newest: true }
      : { kind: 'target', target: { percent: alert.targetPercent } };
  }
  const quantity = decimal(alert.targetQuantity ?? '0');
  if (quantity.lt('0') && shortAs === 'refuse') return shortRefused('targetQuantity');
  return quantity.lte('0')
    ? { kind: 'exit', newest: true }
    : { kind: 'target', target: { quantity: alert.targetQuantity ?? '0' } };
};

const shortRefused = (path: string): Wanted => ({
  kind: 'invalid',
  path,
  message: 'a short position: spot cannot hold one, and this strategy has shortAs "refuse"',
});

const sized = (kind: 'buy' | 'sell', alert: Alert): Wanted => {
  if (alert.quantity !== undefined) return { kind, size: { quantity: alert.quantity } };
  if (alert.quoteQuantity !== undefined) return { kind, size: { quoteQuantity: alert.quoteQuantity } };
  if (alert.percent !== undefined) return { kind, size: { percent: alert.percent } };
  return {
    kind: 'invalid',
    path: 'quantity',
    message: 'one of quantity, quoteQuantity, percent is required',
  };
};

/** What must be known of the market before this can be sized; everything else needs no exchange call. */
export const needsOf = (
  alert: Alert,
  wanted: Wanted,
): { readonly price: boolean; readonly balances: boolean } => {
  switch (wanted.kind) {
    case 'buy': {
      const byAmount = alert.type === 'market' && 'quoteQuantity' in wanted.size;
      return { price: !byAmount || alert.signalPrice !== undefined, balances: 'percent' in wanted.size };
    }
    case 'sell':
    case 'exit':
    case 'target':
      return { price: true, balances: true };
    default:
      return { price: false, balances: false };
  }
};
