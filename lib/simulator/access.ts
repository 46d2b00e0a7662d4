import type { Account, ApiKey, Permission } from './accounts.ts';
import { messageOf } from './error-table.ts';
import { refuse } from './refusal.ts';
import { type Params, readSigned, required, type Wire, wholeNumber } from './request.ts';
import { isSigned } from './signature.ts';
import type { JournalEntry } from './state.ts';
import type { Store } from './store.ts';

const FUTURE_LIMIT_MS = 1000;
const DEFAULT_RECV_WINDOW = 5000;
const MAX_RECV_WINDOW = 60_000;
const DAY = 86_400_000;

/** What the journal wants to know even when the request is refused. */
export type AccessReport = { signature: JournalEntry['signature']; key: string | null };

/** On everything but GET only JSON content is let in (section 4, last rows): else 700013. */
function checkContentType(wire: Wire): void {
  if (wire.method === 'GET') return;
  const type = wire.contentType?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') refuse(700013, 'Invalid Content-Type');
}

/**
 * Lets a signed request in at exchange time `at`, or refuses it. In this order: maintenance, content type 700013, key
 * 400 / 700001 / 10072 / 402, address 700006, signature 700002, recvWindow and timestamp 44444 / 33333 / 700005 /
 * 700003, permission 700007, state of the account 60005. Parameters are decoded only after the signature was verified.
 * Sections 3, 4, 5 and 10.2.
 */
export function admit(
  store: Store,
  wire: Wire,
  at: number,
  endpoint: { permission: Permission; parameters: readonly string[] },
  report: AccessReport,
): { account: Account; key: ApiKey; params: Params } {
  const { maintenance } = store.state.world;
  if (maintenance !== null) refuse(maintenance, messageOf(maintenance));
  checkContentType(wire);
  const { account, key } = holderOf(store, wire.accessKey, at);
  report.key = key.name;
  if (!mayCome(key, wire.address)) refuse(700006, 'IP non white list');
  const valid = isSigned(key.secretKey, wire.query, wire.body);
  report.signature = valid ? 'valid' : 'invalid';
  if (!valid) refuse(700002, 'Signature for this request is not valid.');
  // stpMode "" is the documented default; an empty client id is an illegal one, not a missing one.
  const params = readSigned(
    wire,
    [...endpoint.parameters, 'timestamp', 'recvWindow'],
    ['stpMode', 'newClientOrderId', 'origClientOrderId', 'timestamp', 'recvWindow'],
  );
  checkTime(params, at);
  if (!mayDo(key, endpoint.permission)) refuse(700007, 'No permission to access the endpoint');
  if (account.abnormal && endpoint.permission === 'SPOT_DEAL_WRITE') {
    refuse(60005, 'your account is abnormal');
  }
  return { account, key, params };
}

function holderOf(store: Store, accessKey: string | null, at: number): { account: Account; key: ApiKey } {
  if (accessKey === null || accessKey === '') return refuse(400, 'Api key required');
  if (!/^mx0[A-Za-z0-9]{5,61}$/.test(accessKey)) refuse(700001, 'API-key format invalid.');
  const holder = store.keys.get(accessKey);
  if (holder === undefined || holder.key.revoked) return refuse(10072, 'Api key info invalid');
  if (holder.key.expiresAt !== null && at > holder.key.expiresAt) refuse(402, 'API key expired');
  return holder;
}

function mayCome({ ipWhiteList }: ApiKey, address: string): boolean {
  return ipWhiteList === '' || ipWhiteList.split(',').some((allowed) => allowed.trim() === address);
}

function mayDo(key: ApiKey, permission: Permission): boolean {
  if (key.permissions.includes(permission)) return true;
  return permission === 'SPOT_ACCOUNT_READ' && key.permissions.includes('SPOT_ACCOUNT_R');
}

/** Section 5: less than a second ahead of the exchange, and at most `recvWindow` behind it. */
function checkTime(params: Params, at: number): void {
  required(params, 'timestamp');
  const timestamp = wholeNumber(params, 'timestamp') ?? 0;
  const window = wholeNumber(params, 'recvWindow') ?? DEFAULT_RECV_WINDOW;
  if (window > MAX_RECV_WINDOW) refuse(700005, 'recvWindow must be less than 60000');
  if (timestamp < at + FUTURE_LIMIT_MS && at - timestamp <= window) return;
  refuse(700003, 'Timestamp for this request is outside of the recvWindow.');
}

/** Whole days a key still works, -999 for ever (section 3). */
export function remainingDays(key: ApiKey, at: number): number {
  return key.expiresAt === null ? -999 : Math.max(0, Math.ceil((key.expiresAt - at) / DAY));
}
