import * as z from 'zod';
import { refuse } from './refusal.ts';

const LOCAL = '127.0.0.1';

/** A request as it would be on the wire. `target` is path and query byte for byte, still percent-encoded. */
export type ExchangeRequest = {
  method: string;
  target: string;
  headers?: Readonly<Record<string, string | readonly string[] | undefined>>;
  body?: string | Uint8Array;
  /** IP address of the sender. @default '127.0.0.1' */
  address?: string;
};

/** What the exchange looks at. This is also the form kept in the state file, so that it can be replayed. */
export const Wire = z.strictObject({
  method: z.string(),
  path: z.string(),
  query: z.string(),
  contentType: z.string().nullable(),
  accessKey: z.string().nullable(),
  body: z.string(),
  address: z.string().default(LOCAL),
});
export type Wire = z.infer<typeof Wire>;

export type Params = ReadonlyMap<string, string>;

export function toWire(request: ExchangeRequest): Wire {
  const mark = request.target.indexOf('?');
  const body = request.body ?? '';
  return {
    method: request.method.toUpperCase(),
    path: mark < 0 ? request.target : request.target.slice(0, mark),
    query: mark < 0 ? '' : request.target.slice(mark + 1),
    contentType: header(request, 'content-type'),
    accessKey: header(request, 'x-mexc-apikey'),
    body: typeof body === 'string' ? body : Buffer.from(body).toString('utf8'),
    address: request.address ?? LOCAL,
  };
}

function header(request: ExchangeRequest, name: string): string | null {
  for (const [key, value] of Object.entries(request.headers ?? {})) {
    if (key.toLowerCase() === name && value !== undefined) {
      return typeof value === 'string' ? value : (value[0] ?? null);
    }
  }
  return null;
}

/** Decodes whatever can be decoded, for the journal and for matching faults; never fails, never has a signature. */
export function readLoosely(wire: Wire): Map<string, string> {
  const params = new Map<string, string>();
  for (const pair of `${wire.query}&${wire.body}`.split('&')) {
    const at = pair.indexOf('=');
    if (at <= 0) continue;
    const name = decode(pair.slice(0, at)) ?? pair.slice(0, at);
    const value = pair.slice(at + 1);
    if (name !== 'signature' && !params.has(name)) params.set(name, decode(value) ?? value);
  }
  return params;
}

/** Parameters of a public call: all from the query, everything unknown is ignored (section 7.1). */
export function readPublic(wire: Wire): Params {
  return parsePairs(wire.query);
}

/**
 * Parameters of a signed call, after its signature was verified: query and `k=v` body, the query wins (section 4).
 * A parameter given twice in one place, or one the endpoint does not have, is refused with 33333; an empty one is
 * as good as missing, except for those named in `mayBeEmpty`.
 */
export function readSigned(wire: Wire, known: readonly string[], mayBeEmpty: readonly string[]): Params {
  const params = new Map([...parsePairs(wire.body), ...parsePairs(wire.query)]);
  params.delete('signature');
  for (const [name, value] of params) {
    if (!known.includes(name)) refuse(33333, `Parameter error: unknown parameter '${name}'`);
    if (value === '' && !mayBeEmpty.includes(name)) params.delete(name);
  }
  return params;
}

function parsePairs(text: string): Map<string, string> {
  const params = new Map<string, string>();
  if (text === '') return params;
  for (const pair of text.split('&')) {
    const at = pair.indexOf('=');
    const name = at <= 0 ? null : decode(pair.slice(0, at));
    const value = at <= 0 ? null : decode(pair.slice(at + 1));
    if (name === null || value === null) return refuse(33333, 'Parameter error: not a list of name=value');
    if (params.has(name)) refuse(33333, `Parameter error: '${name}' given twice`);
    params.set(name, value);
  }
  return params;
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** A mandatory parameter, or 44444. */
export function required(params: Params, name: string): string {
  return params.get(name) ?? refuse(44444, `Mandatory parameter '${name}' was not sent`);
}

/** A whole number in plain digits, or 33333. */
export function wholeNumber(params: Params, name: string): number | null {
  const text = params.get(name);
  if (text === undefined) return null;
  if (!/^(0|[1-9]\d{0,15})$/.test(text)) refuse(33333, `Parameter error: '${name}' must be a whole number`);
  return Number(text);
}

/** `limit` between 1 and `max`; outside it is 33333, because silently clamped pages lose rows. */
export function readLimit(params: Params, fallback: number, max: number): number {
  const limit = wholeNumber(params, 'limit') ?? fallback;
  if (limit < 1 || limit > max) refuse(33333, `Parameter error: 'limit' must be 1 to ${max}`);
  return limit;
}
