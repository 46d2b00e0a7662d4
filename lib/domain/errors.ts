/** What callers may rely on in every error that this system raises on purpose. */
export interface AppErrorOptions extends ErrorOptions {
  /** True when the same call may succeed later without any change. @default false */
  readonly retryable?: boolean;
}

/** Base of all deliberate errors: a stable `code` for programs, a sentence for people, the `cause` kept. */
export class AppError extends Error {
  // Spelt out in every class: bundling shortens what classes are called.
  override name = 'AppError';
  readonly code: string;
  readonly retryable: boolean;

  constructor(code: string, message: string, options: AppErrorOptions = {}) {
    super(message, options);
    this.code = code;
    this.retryable = options.retryable ?? false;
  }
}

/** A secret that the owner has not set yet; the HTTP answer is 503 `not_configured`. */
export class NotConfiguredError extends AppError {
  override name = 'NotConfiguredError';

  constructor(message: string, options?: AppErrorOptions) {
    super('not_configured', message, options);
  }
}

/** The store gave no usable answer in time: a write may or may not have been applied, now or later. */
export class StoreUnavailableError extends AppError {
  override name = 'StoreUnavailableError';

  constructor(message: string, options?: AppErrorOptions) {
    super('store_unavailable', message, { ...options, retryable: true });
  }
}
