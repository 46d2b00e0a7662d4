/** A request the exchange refuses: HTTP status and the `{code, msg}` of section 10 of the reference page. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: number;

  constructor(code: number, message: string, status: number) {
    super(message);
    this.name = 'Refusal';
    this.code = code;
    this.status = status;
  }
}

/**
 * Ends the request with an exchange error. Always called before anything has been changed.
 * The status is 400 unless the page says otherwise (section 13, question 17).
 */
export function refuse(code: number, message: string, status = 400): never {
  throw new Refusal(code, message, status);
}
