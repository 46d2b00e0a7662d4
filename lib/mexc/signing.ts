import { createHmac } from 'node:crypto';

/** Access key and secret key of the account. */
export interface MexcCredentials {
  readonly accessKey: string;
  readonly secretKey: string;
}

/** Parameters in the order in which they are sent. Never sorted: what is signed must equal what is sent. */
export type QueryParameters = readonly (readonly [name: string, value: string])[];

/** Nearly every value: nothing to encode. */
const UNRESERVED = /^[\w.~-]*$/;

const hex = (character: string): string => `%${character.charCodeAt(0).toString(16).toUpperCase()}`;

/**
 * Percent-encodes UTF-8 as RFC 3986 says: only letters, digits and `-` `_` `.` `~` stay, space is `%20`, hex digits
 * are upper case (reference section 4, step 2). Throws `URIError` for a lone surrogate.
 */
export const encode = (text: string): string =>
  UNRESERVED.test(text) ? text : encodeURIComponent(text).replace(/[!'()*]/g, hex);

/** The query string, byte for byte as it is sent (section 4, step 3). */
export const queryOf = (parameters: QueryParameters): string =>
  parameters.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&');

/**
 * HMAC-SHA256 of `totalParams` (query string directly followed by the body) as 64 lower-case hex digits
 * (section 4, steps 4 and 5).
 */
export const signatureOf = (secretKey: string, totalParams: string): string =>
  createHmac('sha256', secretKey).update(totalParams, 'utf8').digest('hex');

/** Query string with its signature as the last parameter; the body of every request is empty. Secret. */
export const signedQuery = (parameters: QueryParameters, secretKey: string): string => {
  const query = queryOf(parameters);
  return `${query}&signature=${signatureOf(secretKey, query)}`;
};
