import { AppError, type AppErrorOptions } from './errors.ts';

/**
 * One error type per class of the exchange's answers (reference/mexc-api.md, section 10): what matters to the
 * caller is what may be concluded, not which of a hundred codes said so.
 */
export interface ExchangeErrorDetails extends AppErrorOptions {
  /** HTTP status of the answer; absent when there was none. */
  readonly status?: number;
  /** How long the exchange asked to wait, milliseconds. */
  readonly retryAfterMs?: number;
}

export abstract class ExchangeError extends AppError {
  /** Letter of the class in the reference's error table. */
  abstract readonly class: ExchangeErrorClass;
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;

  /** @param code the exchange's own code as text, or a word of ours when there was none (`timeout`, `html`). */
  constructor(code: string, message: string, details: ExchangeErrorDetails = {}) {
    super(code, message, details);
    this.status = details.status;
    this.retryAfterMs = details.retryAfterMs;
  }
}

export type ExchangeErrorClass = 'T' | 'F' | 'M' | 'B' | 'C' | 'U' | 'N';

/** T: refused before execution (rate, clock, maintenance); nothing happened, later it may work. */
export class TransientError extends ExchangeError {
  override name = 'TransientError';
  readonly class = 'T';
}
/** F: this request is wrong and stays wrong; never repeat it unchanged. */
export class FatalError extends ExchangeError {
  override name = 'FatalError';
  readonly class = 'F';
}
/** M: the symbol or the market does not take this order now. */
export class MarketStateError extends ExchangeError {
  override name = 'MarketStateError';
  readonly class = 'M';
}
/** B: not enough balance. */
export class BalanceError extends ExchangeError {
  override name = 'BalanceError';
  readonly class = 'B';
}
/** C: key, permission, address or account; the owner has to act. */
export class CredentialsError extends ExchangeError {
  override name = 'CredentialsError';
  readonly class = 'C';
}
/** U: no usable answer; a state-changing request may have been executed. */
export class UnknownOutcomeError extends ExchangeError {
  override name = 'UnknownOutcomeError';
  readonly class = 'U';
}
/** N: the exchange says that the thing asked about does not exist; weak evidence by itself. */
export class NotFoundError extends ExchangeError {
  override name = 'NotFoundError';
  readonly class = 'N';
}
