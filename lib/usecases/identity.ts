import { createHash } from 'node:crypto';

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';
const ID_CHARACTERS = 25;

const sha256 = (text: string): Buffer => createHash('sha256').update(text, 'utf8').digest();

/** SHA-256 of the alert's canonical text, hex: two deliveries of one alert have the same. */
export const digestOf = (canonicalText: string): string => sha256(canonicalText).toString('hex');

/**
 * The order's id: the same everywhere, URL, ledger, log line. `m` and the first 25 characters of lower-case RFC 4648
 * base32 of SHA-256(strategy + "\n" + ("test" or "live") + "\n" + key).
 */
export const orderIdOf = (strategy: string, test: boolean, key: string): string => {
  const hash = sha256(`${strategy}\n${test ? 'test' : 'live'}\n${key}`);
  let text = '';
  for (let bit = 0; text.length < ID_CHARACTERS; bit += 5) {
    const pair = ((hash[bit >> 3] ?? 0) << 8) | (hash[(bit >> 3) + 1] ?? 0);
    text += BASE32[(pair >> (11 - (bit & 7))) & 31];
  }
  return `m${text}`;
};
