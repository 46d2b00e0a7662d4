import {
  BalanceError,
  CredentialsError,
  type ExchangeError,
  type ExchangeErrorClass,
  FatalError,
  MarketStateError,
  NotFoundError,
  TransientError,
  UnknownOutcomeError,
} from '../domain/exchange-errors.ts';
import { classOfCode, classOfStatus, isClockCode, isRateCode, isSuccessCode } from './error-codes.ts';
import { parseExactJson } from './exact-json.ts';
import { redact } from './redact.ts';
import type { HttpAnswer, NoAnswer } from './transport.ts';

const LONGEST_BAN_MS = 3 * 24 * 3_600_000;

/** An answer after which no request of the account may leave for a while. */
export interface PauseAsked {
  /** Too many requests; the address is banned; turned away before the exchange. */
  readonly why: 'rate' | 'ban' | 'forbidden';
  /** `Retry-After`, if it was sent. */
  readonly ms?: number;
}

/** Why a call did not succeed, before it becomes an error or an outcome. */
export interface Failure {
  readonly class: ExchangeErrorClass;
  /** The exchange's code, or a word of ours: `html`, `empty`, `not_json`, `timeout` … */
  readonly code: string;
  readonly message: string;
  /** The exchange's own code decided, not the HTTP status or our reading of the body. */
  readonly byCode: boolean;
  readonly retryable: boolean;
  readonly status?: number;
  readonly pause?: PauseAsked;
  /** How long the pause that this answer began lasts from now. */
  readonly retryAfterMs?: number;
  /** The timestamp was refused. */
  readonly clock?: true;
}

export type Judgement =
  | { readonly ok: true; readonly data: unknown }
  | { readonly ok: false; readonly failure: Failure };

/** What any answer may be wrapped in; every field may be missing, null, or of another type. */
const wrapping = (body: unknown): { code: string; msg: string; message: string; data: unknown } => {
  const fields: Record<string, unknown> = typeof body === 'object' && body !== null ? { ...body } : {};
  const text = (value: unknown): string => (typeof value === 'string' ? value.trim() : '');
  // What is no text is no code that says success.
  const code = typeof fields.code === 'string' || fields.code == null ? text(fields.code) : 'unreadable';
  return { code, msg: text(fields.msg), message: text(fields.message), data: fields.data };
};

/** `Retry-After` in milliseconds: seconds as promised by the reference, or a date; capped at the longest ban. */
const retryAfter = (answer: HttpAnswer): number | undefined => {
  const text = answer.retryAfter?.trim() ?? '';
  const ms = /^\d{1,9}(\.\d+)?$/u.test(text) ? Number(text) * 1000 : Date.parse(text) - answer.receivedAt;
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 1000), LONGEST_BAN_MS) : undefined;
};

const pauseAsked = (answer: HttpAnswer, code: string, isKnown: boolean): PauseAsked | undefined => {
  const ms = retryAfter(answer);
  const after = ms === undefined ? {} : { ms };
  if (answer.status === 418) return { why: 'ban', ...after };
  if (answer.status === 429 || answer.status === 510 || isRateCode(code)) return { why: 'rate', ...after };
  return answer.status === 403 && !isKnown ? { why: 'forbidden', ...after } : undefined;
};

const unreadable = (answer: HttpAnswer): string => {
  const body = answer.text.trimStart();
  if (body === '') return 'empty';
  return body.startsWith('<') || (answer.contentType ?? '').includes('html') ? 'html' : 'not_json';
};

/**
 * Reads one complete HTTP answer: by the code in the body first, then by HTTP status (reference section 10). Success
 * is 2xx, JSON, and no code other than 0 or 200; an envelope `{code, data}` is opened.
 * @param secrets texts that no message may contain
 */
export const judge = (answer: HttpAnswer, secrets: readonly string[]): Judgement => {
  const { status } = answer;
  const body = parseExactJson(answer.text);
  const { code, msg, message, data } = wrapping(body);
  const good = status >= 200 && status < 300;

  if (good && body !== undefined && (code === '' || isSuccessCode(code))) {
    return { ok: true, data: data === undefined || data === null ? body : data };
  }

  const said = redact(msg || message, secrets);
  const known = classOfCode(code, said);
  const pause = pauseAsked(answer, code, known !== undefined);
  const word = body === undefined ? unreadable(answer) : `http_${status}`;
  const retryable = known === undefined ? status >= 500 || (good && code === '') : known === 'U';
  const letter = known ?? classOfStatus(status);
  const isOurWord = code === '' || isSuccessCode(code);
  return {
    ok: false,
    failure: {
      class: letter,
      code: isOurWord ? word : redact(code, secrets).slice(0, 40),
      message: said === '' ? `The exchange answered HTTP ${status} (${word}).` : said,
      byCode: known !== undefined,
      retryable: letter === 'T' || retryable,
      status,
      ...(pause ? { pause } : {}),
      ...(isClockCode(code) ? { clock: true } : {}),
    },
  };
};

/** A request without a complete answer. Unsent is T: nothing happened. Anything else is U. */
export const failureOf = (result: NoAnswer): Failure => ({
  class: result.kind === 'unsent' ? 'T' : 'U',
  code: result.reason,
  message:
    result.kind === 'unsent'
      ? `The request was not sent (${result.detail}).`
      : `The request was sent, its answer did not arrive (${result.detail}).`,
  byCode: false,
  retryable: result.reason !== 'invalid_request' && result.reason !== 'closed',
});

/** A complete answer that does not say what the reference promises. The exchange's text is not quoted. */
export const unreadableAnswer = (what: string): UnknownOutcomeError =>
  new UnknownOutcomeError('unreadable', `The exchange's answer could not be read (${what}).`);

const TYPES = {
  T: TransientError,
  F: FatalError,
  M: MarketStateError,
  B: BalanceError,
  C: CredentialsError,
  U: UnknownOutcomeError,
  N: NotFoundError,
} as const;

/** The error type of a failure's class. It has no `cause`: parsers and sockets quote what was sent or received. */
export const errorOf = (failure: Failure): ExchangeError =>
  new TYPES[failure.class](failure.code, failure.message, {
    retryable: failure.retryable,
    ...(failure.status === undefined ? {} : { status: failure.status }),
    ...(failure.retryAfterMs === undefined ? {} : { retryAfterMs: failure.retryAfterMs }),
  });
