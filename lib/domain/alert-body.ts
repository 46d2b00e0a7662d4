import { readId } from './alert-fields.ts';
import { canonicalJson, type Json, type JsonObject, parseJson, positionOf } from './alert-json.ts';
import { withoutSecrets, worthHiding } from './alert-keys.ts';
import { readTime } from './alert-time.ts';

/** The largest body, in bytes. */
export const MAX_BODY_BYTES = 8192;

/** One alert as it was sent: nothing interpreted, repeated keys and the text of numbers kept. */
export type RawAlert = JsonObject;

/** A body that is no alert at all: nothing is stored, and the message holds no piece of the body. */
export interface BodyFault {
  readonly ok: false;
  readonly status: 400 | 413 | 415;
  readonly code: 'not_json' | 'too_large' | 'wrong_type';
  readonly message: string;
}

const TEMPLATE_HINT = "The alert's message field must hold the JSON template: one JSON object.";

const notJson = (what: string): BodyFault => ({
  ok: false,
  status: 400,
  code: 'not_json',
  message: `${what} ${TEMPLATE_HINT}`,
});

/**
 * Checks size, then content type, then decodes the bytes as UTF-8. A leading byte order mark is dropped, as RFC 8259
 * allows; bytes that are not UTF-8 are a fault, never replaced.
 * @param body the bytes as sent, after base64 decoding
 */
export const readBody = (request: {
  readonly contentType: string | undefined;
  readonly body: Uint8Array;
}): { readonly ok: true; readonly text: string } | BodyFault => {
  if (request.body.byteLength > MAX_BODY_BYTES) {
    const message = `The body has ${request.body.byteLength} bytes; at most ${MAX_BODY_BYTES} are read.`;
    return { ok: false, status: 413, code: 'too_large', message };
  }
  const type = (request.contentType ?? '').split(';', 1).join('').trim().toLowerCase();
  if (type !== '' && type !== 'application/json' && type !== 'text/plain') {
    const message = 'The content type must be application/json, text/plain or absent.';
    return { ok: false, status: 415, code: 'wrong_type', message };
  }
  try {
    return { ok: true, text: new TextDecoder('utf-8', { fatal: true }).decode(request.body) };
  } catch {
    return notJson('The body is not UTF-8 text.');
  }
};

/** Reads one JSON object. A fault names line and column only: parsers quote the body, and the body holds the token. */
export const readJson = (text: string): { readonly ok: true; readonly raw: RawAlert } | BodyFault => {
  const parsed = parseJson(text);
  if (!parsed.ok) {
    const { line, column } = positionOf(text, parsed.offset);
    return notJson(`The body is not valid JSON: line ${line}, column ${column}.`);
  }
  const { value } = parsed;
  if (value === null || typeof value !== 'object' || value.kind !== 'object') {
    return notJson('The body is JSON, but not an object.');
  }
  return { ok: true, raw: value };
};

/** All values given for a key, in their order. More than one is a fault that `readAlert` reports. */
export const valuesOf = (raw: RawAlert, key: string): readonly Json[] =>
  raw.members.filter(([name]) => name === key).map(([, value]) => value);

const onlyValue = (raw: RawAlert, key: string): Json | undefined => {
  const [value, ...more] = valuesOf(raw, key);
  return more.length === 0 ? value : undefined;
};

/** Trimmed text of a key; undefined when missing, null, empty, not text, or given twice with different values. */
const credential = (raw: RawAlert, key: string): string | undefined => {
  const [first, ...more] = valuesOf(raw, key);
  if (typeof first !== 'string' || more.some((other) => other !== first)) return undefined;
  return first.trim() || undefined;
};

/**
 * What the alert says about itself. `token` comes from the body or from `Authorization: Bearer …`; when both are given
 * and differ there is none, so that the answer is the one of a wrong token. Another scheme in the header is ignored.
 */
export const credentialsOf = (
  raw: RawAlert,
  authorization: string | undefined,
): { readonly strategy?: string; readonly token?: string } => {
  const strategy = credential(raw, 'strategy');
  const bearer = /^bearer +(\S.*)$/i.exec((authorization ?? '').trim())?.[1];
  const inBody = credential(raw, 'token');
  const silent = valuesOf(raw, 'token').every((value) => value === null);
  const token = bearer === undefined ? inBody : silent || inBody === bearer ? bearer : undefined;
  return { ...(strategy === undefined ? {} : { strategy }), ...(token === undefined ? {} : { token }) };
};

const withoutToken = (raw: RawAlert): RawAlert => ({
  kind: 'object',
  members: raw.members.filter(([key]) => key !== 'token'),
});

/** The alert without its token in its one canonical form: what the digest is taken of. Not for showing or storing. */
export const canonicalText = (raw: RawAlert): string => canonicalJson(withoutToken(raw));

/**
 * As `canonicalText`, with every secret masked wherever it stands: what may be stored and shown. Of an alert that
 * `readAlert` accepts, nothing is masked.
 */
export const storableText = (raw: RawAlert, secrets: readonly string[]): string => {
  const hidden = worthHiding(secrets, credential(raw, 'strategy'));
  return canonicalJson(withoutToken(raw), (text) => withoutSecrets(text, hidden));
};

/** The `id` if `readAlert` will accept it; otherwise undefined, and the digest is the alert's key. */
export const keyCandidate = (raw: RawAlert): string | undefined => {
  const value = onlyValue(raw, 'id');
  if (value === undefined || value === null) return undefined;
  const id = readId(value);
  return id.ok ? id.value : undefined;
};

/** When the alert fired, epoch ms, if that can be read: its age is judged before the rest. */
export const timeOf = (raw: RawAlert): number | undefined => {
  const value = onlyValue(raw, 'time');
  const time = value === undefined ? undefined : readTime(value);
  return time?.ok === true ? time.value : undefined;
};

/** True for a test alert. Anything but the JSON word `true` is not one; `readAlert` refuses other words. */
export const isTest = (raw: RawAlert): boolean => onlyValue(raw, 'test') === true;
