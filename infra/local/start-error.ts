/** A failure the user can act on: main.ts prints its message alone, without a stack trace. */
export class StartError extends Error {
  override name = 'StartError';
}
