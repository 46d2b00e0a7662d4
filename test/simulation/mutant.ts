/** One rule of the order path taken away, as text: the files themselves are never touched. */
export interface Mutant {
  readonly name: string;
  readonly edits: readonly { readonly file: string; readonly find: string; readonly replace: string }[];
  /** Any of these invariants shows it. */
  readonly diesBy: readonly string[];
}

export const USECASES = 'lib/usecases';
export const DOMAIN = 'lib/domain';
export const DYNAMO = 'lib/dynamo';

export const one = (
  name: string,
  file: string,
  find: string,
  replace: string,
  diesBy: readonly string[],
): Mutant => ({ name, edits: [{ file, find, replace }], diesBy });
