import type { Balance } from '../../domain/exchange.ts';
import { type Decimal, decimal, plain } from '../../domain/money.ts';
import type { Verdict } from './verdict.ts';

/** Whether the account has enough free for an order. */
export const checkBalance = (
  symbol: string,
  { asset, amount }: { readonly asset: string; readonly amount: Decimal },
  balances: readonly Balance[],
): Verdict => {
  const free = decimal(balances.find((each) => each.asset === asset)?.free ?? '0');
  const data = { asset, free: plain(free), needed: plain(amount) };
  return free.gte(amount)
    ? {
        verdict: 'balance',
        level: 'ok',
        about: symbol,
        message: `${plain(free)} ${asset} free; the order takes ${plain(amount)}.`,
        data,
      }
    : {
        verdict: 'balance_too_small',
        level: 'wrong',
        about: symbol,
        message: `Only ${plain(free)} ${asset} free; the order takes ${plain(amount)}.`,
        advice: `Deposit ${plain(amount.minus(free))} ${asset} more into the spot account, or order less.`,
        data,
      };
};
