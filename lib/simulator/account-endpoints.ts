import { remainingDays } from './access.ts';
import type { Routes, SignedCall } from './call.ts';
import { decimal } from './decimal.ts';
import { ratesOf } from './ledger.ts';
import { LISTEN_KEY_ENDPOINTS } from './listen-keys.ts';
import { isSelfSymbol, knownSymbol } from './order-draft.ts';
import { wholeSecond } from './public-trades.ts';
import { refuse } from './refusal.ts';
import { readLimit, required, wholeNumber } from './request.ts';
import type { Trade } from './state.ts';
import { STP_ENDPOINTS } from './stp-groups.ts';

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
  'GET /api/v3/uid': {
    access: 'signed',
    permission: 'SPOT_ACCOUNT_READ',
    parameters: [],
    run: ({ account }) => JSON.stringify({ uid: account.uid }),
  },
  'GET /api/v3/kyc/status': {
    access: 'signed',
    permission: 'SPOT_ACCOUNT_READ',
    parameters: [],
    run: ({ account }) => JSON.stringify({ status: account.kycStatus }),
  },
  'GET /api/v3/mxDeduct/enable': {
    access: 'signed',
    permission: 'SPOT_DEAL_READ',
    parameters: [],
    run: mxDeductView,
  },
  'POST /api/v3/mxDeduct/enable': {
    access: 'signed',
    permission: 'SPOT_DEAL_WRITE',
    parameters: ['mxDeductEnable'],
    run: setMxDeduct,
  },
  'GET /api/v3/capital/config/getall': {
    access: 'signed',
    permission: 'SPOT_ACCOUNT_READ',
    parameters: [],
    run: getCoins,
  },
  ...LISTEN_KEY_ENDPOINTS,
  ...STP_ENDPOINTS,
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
function getMyTrades({ store, account, params, at, sees }: SignedCall): string {
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
    const order = store.orders.get(trade.orderId);
    const visible = order === undefined || sees(order);
    const time = wholeSecond(trade.time);
    if (mine && visible && time >= from && time <= end) rows.push(trade);
  }
  return JSON.stringify(rows.map(tradeView));
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
    time: wholeSecond(trade.time),
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

function mxDeductView({ account, at }: SignedCall): string {
  const data = { mxDeductEnable: account.mxDeduct };
  return JSON.stringify({ data, code: 0, msg: 'success', timestamp: at });
}

/** Holds for the next fill already, of orders that rest as well. */
function setMxDeduct(call: SignedCall): string {
  const wanted = required(call.params, 'mxDeductEnable');
  if (wanted !== 'true' && wanted !== 'false') refuse(33333, "Parameter error: 'mxDeductEnable'");
  call.account.mxDeduct = wanted === 'true';
  return mxDeductView(call);
}

/** Every coin of the listed symbols. There are no networks: nothing is deposited or withdrawn over one here. */
function getCoins({ store }: SignedCall): string {
  const coins = new Set(store.state.symbols.flatMap((rules) => [rules.baseAsset, rules.quoteAsset]));
  return JSON.stringify([...coins].map((coin) => ({ coin, name: coin, networkList: [] })));
}
