import type { Account } from './accounts.ts';
import type { BalanceChange, Command, HandOrder } from './commands.ts';
import { decimal, plain } from './decimal.ts';
import { changeFree, freeOf } from './ledger.ts';
import { movePrice, printTrade, replaceBook } from './market-moves.ts';
import { cancelOrder, placeOrder } from './matching.ts';
import { checkLimits, readDraft } from './order-draft.ts';
import { Refusal } from './refusal.ts';
import { isOpen, type Store } from './store.ts';
import type { SymbolRules } from './symbols.ts';
import { overrideMinute } from './tape.ts';
import type { BalanceKind } from './world.ts';

/** A command that cannot be carried out: which field of it is wrong, and why. Nothing was changed. */
export class CommandError extends Error {
  readonly field: string;

  constructor(field: string, message: string) {
    super(`${field}: ${message}`);
    this.name = 'CommandError';
    this.field = field;
  }
}

const INCOMING: ReadonlySet<BalanceKind> = new Set(['DEPOSIT', 'SUGAR']);
const OUTGOING: ReadonlySet<BalanceKind> = new Set(['DEPOSIT_FEE', 'WITHDRAW', 'WITHDRAW_FEE']);

/** What a command made: the order placed or cancelled, or the fault added. */
export type CommandResult = { orderId?: string; faultId?: number };

/** Carries out one command at exchange time `at`; throws `CommandError` before changing anything. */
export function applyCommand(store: Store, command: Command, at: number): CommandResult {
  switch (command.do) {
    case 'price':
      movePrice(store, rulesOf(store, command.with.symbol).symbol, decimal(command.with.price), at);
      return {};
    case 'trade': {
      const { symbol, price, quantity } = command.with;
      printTrade(store, rulesOf(store, symbol).symbol, decimal(price), decimal(quantity), at);
      return {};
    }
    case 'book':
      replaceBook(store, rulesOf(store, command.with.symbol).symbol, command.with, at);
      return {};
    case 'order':
      return placeByHand(store, command.with, at);
    case 'cancel':
      return cancelByHand(store, command.with.orderId, at);
    case 'balance':
      changeBalance(store, command.with, at);
      return {};
    case 'rules': {
      const { symbol, hidden, ...changes } = command.with;
      const rules = rulesOf(store, symbol);
      Object.assign(rules, changes);
      Object.assign(rules.hidden, hidden);
      return {};
    }
    case 'account': {
      const { uid, ...changes } = command.with;
      Object.assign(accountFor(store, uid), changes);
      return {};
    }
    case 'candleForm':
      Object.assign(store.state.candles, command.with);
      return {};
    case 'candle': {
      const { openTime, bar } = command.with;
      overrideMinute(store, {
        symbol: rulesOf(store, command.with.symbol).symbol,
        minute: openTime / 60_000,
        bar,
      });
      return {};
    }
    case 'key': {
      const { accessKey, ...changes } = command.with;
      const holder = store.keys.get(accessKey);
      if (holder === undefined) throw new CommandError('accessKey', 'the exchange has no such key');
      Object.assign(holder.key, changes);
      return {};
    }
    case 'limits':
      store.state.limits.limits = command.with.limits;
      return {};
    case 'clock':
      store.state.world.skewMs = command.with.skewMs;
      return {};
    case 'maintenance':
      store.state.world.maintenance = command.with.code;
      return {};
    case 'errorStatus':
      store.state.world.errorStatus = command.with.status ?? store.state.world.errorStatus;
      store.state.world.errorWording = command.with.wording ?? store.state.world.errorWording;
      return {};
    case 'fault':
      store.state.counters.fault += 1;
      store.state.faults.push({
        id: store.state.counters.fault,
        rule: command.with,
        seen: 0,
        applied: 0,
        reads: {},
      });
      return { faultId: store.state.counters.fault };
    case 'faultsCleared':
      store.state.faults = [];
      return {};
    case 'streamForm':
      Object.assign(store.state.stream.form, command.with);
      return {};
    case 'streamFault':
      store.state.counters.fault += 1;
      store.state.stream.faults.push({
        id: store.state.counters.fault,
        rule: command.with,
        seen: 0,
        applied: 0,
      });
      return { faultId: store.state.counters.fault };
    case 'streamFaultsCleared':
      store.state.stream.faults = [];
      return {};
    case 'listenKeyExpired':
      expireKeys(store, command.with, at);
      return {};
    case 'connections':
      store.watch?.connections(command.with.how, command.with.listenKey);
      return {};
  }
}

function rulesOf(store: Store, symbol: string): SymbolRules {
  const rules = store.symbols.get(symbol);
  if (rules === undefined) throw new CommandError('symbol', `the exchange has no ${symbol}`);
  return rules;
}

/** The named account, or the first one. */
function accountFor(store: Store, uid: string | undefined): Account {
  const account = uid === undefined ? store.state.accounts[0] : store.accounts.get(uid);
  if (account === undefined) throw new CommandError('uid', 'the exchange has no such account');
  return account;
}

function expireKeys(
  store: Store,
  { uid, listenKey }: { uid?: string; listenKey?: string },
  at: number,
): void {
  const owner = listenKey === undefined ? accountFor(store, uid).uid : undefined;
  const meant = store.state.listenKeys.filter((known) =>
    listenKey === undefined ? known.uid === owner : known.key === listenKey,
  );
  if (listenKey !== undefined && meant.length === 0) {
    throw new CommandError('listenKey', 'the exchange has no such listen key');
  }
  for (const known of meant) known.expiresAt = Math.min(known.expiresAt, at);
}

function placeByHand(store: Store, { uid, ...asked }: HandOrder, at: number): CommandResult {
  const account = accountFor(store, uid);
  try {
    const draft = readDraft(store, new Map(Object.entries(asked)));
    checkLimits(store, account, draft);
    return { orderId: placeOrder(store, account, draft, at, true).orderId };
  } catch (error) {
    if (error instanceof Refusal) throw new CommandError('order', `${error.code} ${error.message}`);
    throw error;
  }
}

function cancelByHand(store: Store, orderId: string, at: number): CommandResult {
  const order = store.orders.get(orderId);
  if (order === undefined || !isOpen(order)) throw new CommandError('orderId', 'no open order has this id');
  cancelOrder(store, accountFor(store, order.uid), order, at);
  return { orderId };
}

function changeBalance(store: Store, change: BalanceChange, at: number): void {
  const account = accountFor(store, change.uid);
  const amount = decimal(change.amount);
  if (freeOf(account, change.asset).plus(amount).lt(0)) {
    throw new CommandError('amount', `only ${plain(freeOf(account, change.asset))} ${change.asset} are free`);
  }
  const type = change.kind ?? (amount.lt(0) ? 'WITHDRAW' : 'DEPOSIT');
  if (amount.lt(0) ? INCOMING.has(type) : OUTGOING.has(type)) {
    throw new CommandError('kind', `a ${type} of ${change.amount} goes the wrong way`);
  }
  changeFree(account, change.asset, amount);
  store.state.accountEvents.push({
    uid: account.uid,
    time: at,
    type,
    asset: change.asset,
    amount: plain(amount),
  });
  store.state.deposits[change.asset] = plain(decimal(store.state.deposits[change.asset] ?? '0').plus(amount));
  store.watch?.balance(account.uid, change.asset, type, at);
}
