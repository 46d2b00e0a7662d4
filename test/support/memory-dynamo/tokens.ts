import { invalid } from './refusal.ts';

type Kind = 'word' | 'name' | 'value' | 'number' | 'sign' | 'end';

interface Token {
  readonly kind: Kind;
  readonly text: string;
}

/** Reads an expression from left to right, and remembers which placeholders it named. */
export interface Cursor {
  /** Name of the request's field, for what is said of errors. */
  readonly what: string;
  /** Placeholders such as `#name` and `:value` met so far. */
  readonly names: Set<string>;
  readonly values: Set<string>;
  peek(ahead?: number): Token;
  next(): Token;
  /** Takes this sign or (whatever its case) this word, if it is next. */
  take(text: string): boolean;
  /** @throws Refusal when something else is next */
  expect(text: string): void;
  /** @throws Refusal naming what is next and should not be there */
  fail(): never;
}

const TOKEN = /\s*(?:(#\w+)|(:\w+)|([A-Za-z_]\w*)|(\d+)|(<>|<=|>=|[=<>+\-(),.[\]])|($))/y;
const KINDS: readonly Kind[] = ['name', 'value', 'word', 'number', 'sign', 'end'];

/** @throws Refusal for what no expression contains */
export const cursorOf = (what: string, expression: string): Cursor => {
  if (expression.trim() === '') throw invalid(`Invalid ${what}: The expression can not be empty;`);
  const tokens: Token[] = [];
  let at = 0;
  for (let kind: Kind | undefined; kind !== 'end'; ) {
    TOKEN.lastIndex = at;
    const found = TOKEN.exec(expression);
    if (!found)
      throw invalid(
        `Invalid ${what}: Syntax error; token: "${expression.slice(at).trim()[0]}", near: "${expression.slice(at, at + 10)}"`,
      );
    at = TOKEN.lastIndex;
    const group = found.slice(1).findIndex((each) => each !== undefined);
    kind = KINDS[group] ?? 'end';
    tokens.push({ kind, text: found[group + 1] ?? '' });
  }
  const end: Token = { kind: 'end', text: '<EOF>' };
  const names = new Set<string>();
  const values = new Set<string>();
  let position = 0;
  const peek = (ahead = 0): Token => tokens[position + ahead] ?? end;
  const cursor: Cursor = {
    what,
    names,
    values,
    peek,
    next: () => {
      const token = peek();
      position += 1;
      if (token.kind === 'name') names.add(token.text);
      if (token.kind === 'value') values.add(token.text);
      return token;
    },
    take: (text) => {
      const token = peek();
      const fits = token.kind === 'word' ? token.text.toUpperCase() === text : token.text === text;
      if (fits) position += 1;
      return fits;
    },
    expect: (text) => {
      if (!cursor.take(text)) cursor.fail();
    },
    fail: () => {
      const near = [peek(-1), peek(), peek(1)].map(({ text }) => text).join(' ');
      throw invalid(
        `Invalid ${what}: Syntax error; token: "${peek().text || '<EOF>'}", near: "${near.trim()}"`,
      );
    },
  };
  return cursor;
};
