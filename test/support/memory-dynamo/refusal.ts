/** An answer of DynamoDB that is an error, whatever way it takes to the caller. */
export class Refusal extends Error {
  /** As on the wire, such as `ValidationException`. */
  readonly type: string;
  readonly status: number;
  /** Further fields of the answer: `Item`, `CancellationReasons`. */
  readonly more: Readonly<Record<string, unknown>>;

  constructor(type: string, message: string, status = 400, more: Readonly<Record<string, unknown>> = {}) {
    // An answer like any other, thousands of times: where it was made is of no interest.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(message);
    Error.stackTraceLimit = stackTraceLimit;
    this.name = 'Refusal';
    this.type = type;
    this.status = status;
    this.more = more;
  }
}

/** What a request says is wrong, or cannot be done to this item. */
export const invalid = (message: string): Refusal => new Refusal('ValidationException', message);

/** What DynamoDB can do and this engine cannot: never mistaken for an answer. */
export class Unsupported extends Error {
  constructor(what: string) {
    super(`the in-memory DynamoDB does not support ${what}`);
    this.name = 'Unsupported';
  }
}
