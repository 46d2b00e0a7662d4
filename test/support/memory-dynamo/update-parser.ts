import { type Path, parsePath } from './paths.ts';
import { invalid } from './refusal.ts';
import type { Cursor } from './tokens.ts';

export type Term =
  | { readonly kind: 'path'; readonly path: Path }
  | { readonly kind: 'value'; readonly name: string }
  | { readonly kind: 'if_not_exists'; readonly path: Path; readonly otherwise: Term }
  | { readonly kind: 'list_append' | '+' | '-'; readonly left: Term; readonly right: Term };

export interface Update {
  readonly set: readonly { readonly path: Path; readonly to: Term }[];
  readonly remove: readonly Path[];
  /** The names are those of placeholders such as `:one`. */
  readonly add: readonly { readonly path: Path; readonly name: string }[];
  readonly take: readonly { readonly path: Path; readonly name: string }[];
}

const SECTIONS = ['SET', 'REMOVE', 'ADD', 'DELETE'] as const;

/** Reads a whole update. @throws Refusal where it is none */
export const parseUpdate = (cursor: Cursor): Update => {
  const set: { path: Path; to: Term }[] = [];
  const remove: Path[] = [];
  const add: { path: Path; name: string }[] = [];
  const take: { path: Path; name: string }[] = [];
  const read = {
    SET: () => {
      const path = parsePath(cursor);
      cursor.expect('=');
      set.push({ path, to: parseSum(cursor) });
    },
    REMOVE: () => void remove.push(parsePath(cursor)),
    ADD: () => void add.push(parseChange(cursor)),
    DELETE: () => void take.push(parseChange(cursor)),
  };
  const seen = new Set<string>();
  while (cursor.peek().kind !== 'end') {
    const section = SECTIONS.find((each) => cursor.take(each)) ?? cursor.fail();
    if (seen.has(section))
      throw invalid(
        `Invalid ${cursor.what}: The "${section}" section can only be used once in an update expression;`,
      );
    seen.add(section);
    do read[section]();
    while (cursor.take(','));
  }
  return { set, remove, add, take };
};

const parseChange = (cursor: Cursor): { path: Path; name: string } => {
  const path = parsePath(cursor);
  if (cursor.peek().kind !== 'value') cursor.fail();
  return { path, name: cursor.next().text };
};

const parseSum = (cursor: Cursor): Term => {
  const left = parseTerm(cursor);
  const kind = cursor.take('+') ? '+' : cursor.take('-') ? '-' : undefined;
  if (!kind) return left;
  const right = parseTerm(cursor);
  if (left.kind === 'list_append' || right.kind === 'list_append')
    throw invalid(
      `Invalid ${cursor.what}: The function is not allowed to be used this way in an expression; function: list_append`,
    );
  return { kind, left, right };
};

const parseTerm = (cursor: Cursor): Term => {
  const { kind, text } = cursor.peek();
  if (kind === 'value') return { kind: 'value', name: cursor.next().text };
  if (kind === 'word' && cursor.peek(1).text === '(') {
    if (text !== 'if_not_exists' && text !== 'list_append')
      throw invalid(`Invalid ${cursor.what}: Invalid function name; function: ${text}`);
    cursor.next();
    cursor.expect('(');
    const term = text === 'list_append' ? parseTerm(cursor) : parsePath(cursor);
    cursor.expect(',');
    const right = parseTerm(cursor);
    cursor.expect(')');
    return 'kind' in term
      ? { kind: 'list_append', left: term, right }
      : { kind: 'if_not_exists', path: term, otherwise: right };
  }
  return { kind: 'path', path: parsePath(cursor) };
};
