import { createHash } from 'node:crypto';
import type { Routes, SignedCall } from './call.ts';
import { refuse } from './refusal.ts';
import { required } from './request.ts';
import type { ListenKey } from './state.ts';
import type { Store } from './store.ts';
import { keyLifetime } from './stream/faults.ts';

const VALID_MS = 3_600_000;
const MAX_KEYS = 60;

/** Keys of user streams (section 11.6). Every POST makes a new one, so that a crash loop can use them up. */
export const LISTEN_KEY_ENDPOINTS: Routes = {
  'POST /api/v3/userDataStream': {
    access: 'signed',
    permission: 'SPOT_ACCOUNT_READ',
    parameters: [],
    run: createKey,
  },
  'GET /api/v3/userDataStream': {
    access: 'signed',
    permission: 'SPOT_ACCOUNT_READ',
    parameters: [],
    run: listKeys,
  },
  'PUT /api/v3/userDataStream': {
    access: 'signed',
    permission: 'SPOT_ACCOUNT_READ',
    parameters: ['listenKey'],
    run: extendKey,
  },
  'DELETE /api/v3/userDataStream': {
    access: 'signed',
    permission: 'SPOT_ACCOUNT_READ',
    parameters: ['listenKey'],
    run: deleteKey,
  },
};

/** The key as it is now, or null when it was never made, was closed or has run out. */
export function validKey(store: Store, key: string, at: number): ListenKey | null {
  return store.state.listenKeys.find((known) => known.key === key && at < known.expiresAt) ?? null;
}

/** An account's valid keys, oldest first. */
function validKeysOf(store: Store, uid: string, at: number): ListenKey[] {
  return store.state.listenKeys.filter((known) => known.uid === uid && at < known.expiresAt);
}

/** The page names no code for one key too many; 26 is "operation not allowed". */
function createKey({ store, account, at }: SignedCall): string {
  const { state } = store;
  if (validKeysOf(store, account.uid, at).length >= MAX_KEYS) refuse(26, 'Too many listen keys');
  state.listenKeys = state.listenKeys.filter(({ expiresAt }) => at < expiresAt);
  state.counters.listenKey += 1;
  // Hashed from a count, not drawn: opening a stream must not move any other draw.
  const key = createHash('sha256')
    .update(`${state.candles.seed} ${account.uid} ${state.counters.listenKey}`)
    .digest('hex');
  const validMs = keyLifetime(state, at, VALID_MS);
  state.listenKeys.push({ key, uid: account.uid, expiresAt: at + validMs });
  return answer(key);
}

function listKeys({ store, account, at }: SignedCall): string {
  const keys = validKeysOf(store, account.uid, at).map(({ key }) => key);
  return JSON.stringify({ listenKey: keys, total: MAX_KEYS, available: MAX_KEYS - keys.length });
}

function extendKey(call: SignedCall): string {
  const known = ownKey(call);
  known.expiresAt = call.at + VALID_MS;
  return answer(known.key);
}

function deleteKey(call: SignedCall): string {
  const { state } = call.store;
  const known = ownKey(call);
  state.listenKeys = state.listenKeys.filter((other) => other !== known);
  return answer(known.key);
}

/** The named key of this account, or 22222: the page names no code for this either. */
function ownKey({ store, account, params, at }: SignedCall): ListenKey {
  const known = validKey(store, required(params, 'listenKey'), at);
  if (known === null || known.uid !== account.uid) return refuse(22222, 'listenKey does not exist');
  return known;
}

function answer(listenKey: string): string {
  return JSON.stringify({ listenKey });
}
