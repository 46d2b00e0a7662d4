import { createHmac } from 'node:crypto';

const CANONICAL = /^(?:[A-Za-z0-9\-_.~&=]|%[0-9A-F]{2})*$/;
const ENCODED_UNRESERVED = /%(?:4[1-9A-F]|5[0-9A]|6[1-9A-F]|7[0-9A]|3[0-9]|2D|2E|5F|7E)/;
const SIGNATURE = /^[0-9a-f]{64}$/;

/** HMAC-SHA256 of `text` as 64 lower-case hex digits (section 4, step 5). */
export function signText(secretKey: string, text: string): string {
  return createHmac('sha256', secretKey).update(text, 'utf8').digest('hex');
}

/**
 * Checks a signature over the exact query text followed directly by the body text (section 4). The signature
 * must be the last parameter, of the query or of a `k=v` body, and lower-case hex. A query that is not encoded as
 * step 2 demands is refused too: the exchange signs its own encoding of the values.
 */
export function isSigned(secretKey: string, query: string, body: string): boolean {
  const split = splitSignature(query, body);
  if (split === null || !SIGNATURE.test(split.signature)) return false;
  if (!isCanonical(query)) return false;
  return signText(secretKey, split.text) === split.signature;
}

function isCanonical(query: string): boolean {
  return CANONICAL.test(query) && !ENCODED_UNRESERVED.test(query);
}

function splitSignature(query: string, body: string): { text: string; signature: string } | null {
  const inQuery = cutLast(query);
  const inBody = cutLast(body);
  if (inQuery !== null && inBody === null) {
    return { text: inQuery.rest + body, signature: inQuery.signature };
  }
  if (inBody !== null && inQuery === null) {
    return { text: query + inBody.rest, signature: inBody.signature };
  }
  return null;
}

function cutLast(text: string): { rest: string; signature: string } | null {
  const at = text.lastIndexOf('&');
  const last = text.slice(at + 1);
  if (!last.startsWith('signature=')) return null;
  return { rest: at < 0 ? '' : text.slice(0, at), signature: last.slice('signature='.length) };
}
