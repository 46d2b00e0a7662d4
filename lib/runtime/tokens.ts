import { createHash, timingSafeEqual } from 'node:crypto';
import type { CachedSecret, WebhookTokens } from './secrets.ts';

/** After a wrong token the secret is read again if what is kept is older than this, ms: a new token works at once. */
const RECHECK = 15_000;

const hashed = (text: string): Buffer => createHash('sha256').update(text, 'utf8').digest();

/** Compares without telling by its time where two texts differ, or how long they are. */
export const sameText = (a: string, b: string): boolean => timingSafeEqual(hashed(a), hashed(b));

/**
 * Authenticates a delivery. An unknown strategy costs the same comparisons as a wrong token, and the one read again of
 * the secret is bounded by its age.
 * @returns all tokens, to be kept out of sight, when `token` is one of the strategy's
 */
export const authenticator =
  (secret: CachedSecret<WebhookTokens>) =>
  async (strategy: string | undefined, token: string | undefined): Promise<readonly string[] | undefined> =>
    match(await secret.value(), strategy, token) ?? match(await secret.value(RECHECK), strategy, token);

const match = (
  all: WebhookTokens,
  strategy: string | undefined,
  token: string | undefined,
): readonly string[] | undefined => {
  const entry = strategy !== undefined && Object.hasOwn(all, strategy) ? all[strategy] : undefined;
  const tokens = entry === undefined ? [] : [entry].flat();
  // Somebody who knows no strategy must not find one by the time of the answer.
  const compared = tokens.length > 0 ? tokens : ['\u0000nobody'];
  const hits = compared.filter((each) => sameText(each, token ?? ''));
  return tokens.length > 0 && token !== undefined && hits.length > 0 ? Object.values(all).flat() : undefined;
};

/** The token of an `Authorization: Bearer …` header. */
export const bearerOf = (header: string | undefined): string | undefined =>
  /^bearer +(\S+)$/i.exec(header?.trim() ?? '')?.[1];
