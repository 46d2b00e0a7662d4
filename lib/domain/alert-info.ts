import { type AlertProblem, readFreeText } from './alert-fields.ts';
import { canonicalJson, type Json } from './alert-json.ts';
import { holdsSecret, shownKey } from './alert-keys.ts';

const MAX_INFO_BYTES = 1024;

export interface InfoReading {
  /** Numbers as they were written. Undefined when nothing is left. */
  readonly info: Record<string, string> | undefined;
  readonly problems: readonly AlertProblem[];
}

/** Reads `info`: flat, text and numbers, at most 1 KB. Null and empty text are absent; it is stored and shown, never read. */
export const readInfo = (value: Json, secrets: readonly string[]): InfoReading => {
  if (value === null || typeof value !== 'object' || value.kind !== 'object') {
    return {
      info: undefined,
      problems: [{ path: 'info', message: 'must be an object of texts and numbers' }],
    };
  }
  const bytes = new TextEncoder().encode(canonicalJson(value)).byteLength;
  if (bytes > MAX_INFO_BYTES) {
    const message = `has ${bytes} bytes as JSON; at most ${MAX_INFO_BYTES} are stored`;
    return { info: undefined, problems: [{ path: 'info', message }] };
  }
  const problems: AlertProblem[] = [];
  const entries = new Map<string, string>();
  const seen = new Set<string>();
  for (const [key, entry] of value.members) {
    const fault = seen.has(key)
      ? 'is given more than once'
      : (keyFault(key, secrets) ?? entryFault(entry, secrets));
    seen.add(key);
    if (fault !== undefined) problems.push({ path: `info.${shownKey(key, secrets)}`, message: fault });
    const text = textOf(entry);
    if (text !== '') entries.set(key, text);
  }
  return { info: entries.size === 0 ? undefined : Object.fromEntries(entries), problems };
};

const TOKEN_ELSEWHERE = 'holds the token, which belongs into token only';

const keyFault = (key: string, secrets: readonly string[]): string | undefined => {
  if (holdsSecret(key, secrets)) return TOKEN_ELSEWHERE;
  // what tables and plain objects cannot hold
  return key === '' || key === '__proto__' || !key.isWellFormed() ? 'this name cannot be stored' : undefined;
};

const entryFault = (entry: Json, secrets: readonly string[]): string | undefined => {
  if (entry === null) return undefined;
  if (typeof entry === 'string') {
    if (holdsSecret(entry, secrets)) return TOKEN_ELSEWHERE;
    const text = readFreeText(entry, MAX_INFO_BYTES);
    return text.ok ? undefined : text.message;
  }
  if (typeof entry === 'object' && entry.kind === 'number') return undefined;
  return 'must be text or a number: info is flat';
};

const textOf = (entry: Json): string => {
  if (typeof entry === 'string') return entry.trim();
  return entry !== null && typeof entry === 'object' && entry.kind === 'number' ? entry.source : '';
};
