import * as z from 'zod';
import { ERROR_TABLE, messageOf } from './error-table.ts';

/** What the exchange sends back. */
export const Answer = z.strictObject({
  status: z.int(),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
  /** With 'latin1' every character of the body is one byte: it is not (whole) UTF-8. */
  encoding: z.literal('latin1').optional(),
  /** The content-length promised, where the connection ends before that many bytes were sent. */
  announced: z.int().optional(),
});
export type Answer = z.infer<typeof Answer>;

/** An answer, or a connection that ends without one. */
export type Reply = Answer | 'drop';

const JSON_TYPE = { 'content-type': 'application/json;charset=utf-8' };

export function jsonAnswer(status: number, body: string): Answer {
  return { status, headers: JSON_TYPE, body };
}

/** An error as section 10 has it: by default with the table's message and HTTP status. */
export function codeAnswer(code: number, status?: number, msg?: string): Answer {
  const body = JSON.stringify({ code, msg: msg ?? messageOf(code) });
  return jsonAnswer(status ?? ERROR_TABLE[code]?.status ?? 400, body);
}

/** A refusal of too many requests; `seconds` null sends no Retry-After (section 6). */
export function limitAnswer(code: 418 | 429 | 510, seconds: number | null): Answer {
  const answer = codeAnswer(code);
  if (seconds === null) return answer;
  return { ...answer, headers: { ...answer.headers, 'Retry-After': String(seconds) } };
}

/** The page a gateway or firewall in front of the exchange puts in its place (section 10.1, row 403). */
export function htmlAnswer(status: number): Answer {
  const title = `${status} ${PAGE_TITLES[status] ?? 'Error'}`;
  const body = `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n</body>\r\n</html>\r\n`;
  return { status, headers: { 'content-type': 'text/html' }, body };
}

const PAGE_TITLES: Readonly<Record<number, string>> = {
  403: 'Forbidden',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Temporarily Unavailable',
  504: 'Gateway Time-out',
};

/** Text as it is, anything else as JSON. */
export function freeAnswer(status: number, body: unknown, headers: Readonly<Record<string, string>>): Answer {
  const json = typeof body !== 'string';
  const type = json ? 'application/json' : 'text/html; charset=utf-8';
  return {
    status,
    headers: { 'content-type': type, ...headers },
    body: json ? JSON.stringify(body) : body,
  };
}

/**
 * The first `bytes` of an answer. With `short` that is a complete HTTP answer whose text is cut; else the whole length
 * is announced and the connection ends early.
 */
export function cutAnswer(answer: Answer, bytes: number, short: boolean): Answer {
  const whole = bytesOf(answer);
  const part = whole.subarray(0, Math.min(bytes, whole.length - 1)).toString('latin1');
  const cut: Answer = { ...answer, body: part, encoding: 'latin1' };
  return short ? cut : { ...cut, announced: whole.length };
}

export function bytesOf({ body, encoding }: Answer): Buffer {
  return Buffer.from(body, encoding ?? 'utf8');
}
