import { remainingDays } from './access.ts';
import type { Routes, SignedCall } from './call.ts';
import { decimal } from './decimal.ts';
import { ratesOf } from './ledger.ts';
import { isSelfSymbol, knownSymbol } from './order-draft.ts';
import { refuse } from './refusal.ts';
import { readLimit, required, wholeNumber } from './request.ts';
import type { Trade } from './state.ts';

const MONTH = 30 * 86_400_000;

/** What the account owns, paid and may do (sections 3 and 8.6 to 8.9). */
export const ACCOUNT_ENDPOINTS: Routes = {
  'GET /api/v3/account': {
    access: 'signed',
    permission: 'SPOT_ACCOUNT_READ',
    parameters: [],
    run: getAccount,
  },
  'GET /api/v3/myTrades': {
    access: 'signed',
    permission: 'SPOT_ACCOUNT_READ',
    parameters: ['symbol', 'orderId', 'startTime', 'endTime', 'limit'],
    run: getMyTrades,
  },
  'GET /api/v3/tradeFee': {
    access: 'signed',
    permission: 'SPOT_ACCOUNT_READ',
    parameters: ['symbol'],
    run: getTradeFee,
  },
  'GET /api/v3/selfSymbols': {
    access: 'signed',
    permission: 'SPOT_ACCOUNT_READ',
    parameters: [],
    run: getSelfSymbols,
  },
  'GET /api/v3/apiKeyInfo': {
    access: 'signed',
    permission: 'SPOT_ACCOUNT_READ',
    parameters: ['accessKey'],
    run: getApiKeyInfo,
  },
};

function getAccount({ account }: SignedCall): string {
  const held = Object.entries(account.balances).filter(
    ([, { free, locked }]) => !decimal(free).eq(0) || !decimal(locked).eq(0),
  );
  return JSON.stringify({
    makerCommission: null,
    takerCommission: null,
    buyerCommission: null,
    sellerCommission: null,
    canTrade: account.canTrade,
    canWithdraw: true,
    canDeposit: true,
    updateTime: null,
    accountType: 'SPOT',
    // An asset without a balance is simply absent.
    balances: held.map(([asset, { free, locked }]) => ({ asset, free, locked, available: free })),
    permissions: ['SPOT'],
  });
}

/** Newest first, times in whole seconds, the last month only; both bounds inclusive. */
function getMyTrades({ store, account, params, at }: SignedCall): string {
  const rules = knownSymbol(store, required(params, 'symbol'));
  const limit = readLimit(params, 100, 100);
  const end = wholeNumber(params, 'endTime') ?? Number.POSITIVE_INFINITY;
  const start = wholeNumber(params, 'startTime') ?? 0;
  if (start > end) refuse(400, 'Time range must be ascending');
  const from = Math.max(start, at - MONTH);
  const orderId = params.get('orderId');
  const all =
    (orderId === undefined
      ? store.tradesOfSymbol.get(`${account.uid} ${rules.symbol}`)
      : store.tradesOfOrder.get(orderId)) ?? [];
  const rows: Trade[] = [];
  for (let i = all.length - 1; i >= 0 && rows.length < limit; i--) {
    const trade = all[i];
    if (trade === undefined || trade.time < from - 1000) break;
    const mine = trade.uid === account.uid && trade.symbol === rules.symbol;
    const visible = (store.orders.get(trade.orderId)?.visibleAt ?? 0) <= at;
    const time = wholeSeconds(trade.time);
    if (mine && visible && time >= from && time <= end) rows.push(trade);
  }
  return JSON.stringify(rows.map(tradeView));
}

function wholeSeconds(ms: number): number {
  return ms - (ms % 1000);
}

function tradeView(trade: Trade): Record<string, unknown> {
  return {
    symbol: trade.symbol,
    id: trade.id,
    orderId: trade.orderId,
    orderListId: -1,
    price: trade.price,
    qty: trade.qty,
    quoteQty: trade.quoteQty,
    commission: trade.commission,
    commissionAsset: trade.commissionAsset,
    time: wholeSeconds(trade.time),
    isBuyer: trade.isBuyer,
    isMaker: trade.isMaker,
    isBestMatch: true,
    isSelfTrade: trade.isSelfTrade,
    clientOrderId: trade.clientOrderId,
  };
}

/** Rates are JSON numbers with many zeros, which JSON.stringify would shorten (section 8.8). */
function getTradeFee({ store, account, params, at }: SignedCall): string {
  const rules = knownSymbol(store, required(params, 'symbol'));
  const { maker, taker } = ratesOf(account, rules);
  const data = `{"makerCommission":${decimal(maker).toFixed(18)},"takerCommission":${decimal(taker).toFixed(18)}}`;
  return `{"data":${data},"code":0,"msg":"success","timestamp":${at}}`;
}

function getSelfSymbols({ store }: SignedCall): string {
  const mine = store.state.symbols.filter(isSelfSymbol);
  return JSON.stringify({ code: 200, data: mine.map((rules) => rules.symbol), msg: null });
}

function getApiKeyInfo({ store, account, key, params, at }: SignedCall): string {
  const asked = params.get('accessKey');
  const holder = asked === undefined ? { account, key } : store.keys.get(asked);
  if (holder === undefined || holder.account.uid !== account.uid)
    return refuse(10072, 'Api key info invalid');
  return JSON.stringify({
    note: holder.key.name,
    permissions: holder.key.permissions.join(','),
    remainingValidity: remainingDays(holder.key, at),
    ipWhiteList: holder.key.ipWhiteList,
    status: 'VALID',
    createTime: holder.key.createTime,
  });
}
