import type { Account, Balance } from '../accounts.ts';
import { type Decimal, decimal, plain } from '../decimal.ts';
import type { Trade } from '../state.ts';
import type { SymbolRules } from '../symbols.ts';
import type { PrivateAccount } from './messages.ts';
import { coinId } from './private-pushes.ts';

/** Tells the changes of balances, each from what was told before it, of accounts that somebody listens to. */
export type BalanceChanges = {
  /** From now on; what the account has at this moment is not told. */
  follow(account: Account): void;
  unfollow(uid: string): void;
  /** The change of one asset since it was last told, null when there is none or nobody listens. */
  changed(account: Account, asset: string, cause: string, at: number): PrivateAccount | null;
  /** The changes of one side of a fill: what was traded, then the fee. */
  filled(account: Account, rules: SymbolRules, trade: Trade): PrivateAccount[];
};

type Known = Map<string, Balance>;

export function createBalanceChanges(): BalanceChanges {
  const followed = new Map<string, Known>();

  const tell = (
    known: Known,
    asset: string,
    now: Balance,
    cause: string,
    at: number,
  ): PrivateAccount | null => {
    const before = known.get(asset) ?? { free: '0', locked: '0' };
    known.set(asset, now);
    const free = decimal(now.free).minus(before.free);
    const locked = decimal(now.locked).minus(before.locked);
    if (free.eq(0) && locked.eq(0)) return null;
    return {
      vcoinName: asset,
      coinId: coinId(asset),
      balanceAmount: now.free,
      balanceAmountChange: plain(free),
      frozenAmount: now.locked,
      frozenAmountChange: plain(locked),
      type: cause,
      time: at,
    };
  };

  return {
    follow({ uid, balances }) {
      if (followed.has(uid)) return;
      followed.set(uid, new Map(Object.entries(balances).map(([asset, balance]) => [asset, { ...balance }])));
    },
    unfollow: (uid) => void followed.delete(uid),
    changed(account, asset, cause, at) {
      const known = followed.get(account.uid);
      return known === undefined ? null : tell(known, asset, balanceIn(account, asset), cause, at);
    },
    filled(account, rules, trade) {
      const known = followed.get(account.uid);
      if (known === undefined) return [];
      const { commissionAsset, time } = trade;
      const fee = decimal(trade.commission);
      const told = [rules.baseAsset, rules.quoteAsset].map((asset) => {
        const now = balanceIn(account, asset);
        return tell(
          known,
          asset,
          asset === commissionAsset ? before(now, rules, trade, fee) : now,
          'ENTRUST',
          time,
        );
      });
      told.push(tell(known, commissionAsset, balanceIn(account, commissionAsset), 'TRADE_FEE', time));
      return told.filter((change) => change !== null);
    },
  };
}

function balanceIn({ balances }: Account, asset: string): Balance {
  return { ...(balances[asset] ?? { free: '0', locked: '0' }) };
}

/** A balance as it was before the fee: a buy pays it out of what its order holds, everything else out of what is free. */
function before({ free, locked }: Balance, rules: SymbolRules, trade: Trade, fee: Decimal): Balance {
  return trade.isBuyer && trade.commissionAsset === rules.quoteAsset
    ? { free, locked: plain(decimal(locked).plus(fee)) }
    : { free: plain(decimal(free).plus(fee)), locked };
}
