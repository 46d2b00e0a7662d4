/**
 * JSON as an alert needs it: numbers keep their source text, every member of an object is kept in its order
 * (`JSON.parse` silently drops repeated keys and reads `__proto__`-like keys into plain objects), and a fault has a
 * position. Accepts exactly what `JSON.parse` accepts. Nothing here recurses, so nesting cannot overflow the stack.
 */
export type Json = null | boolean | string | JsonNumber | JsonArray | JsonObject;

interface JsonNumber {
  readonly kind: 'number';
  /** As written: binary floating point never touches it. */
  readonly source: string;
}

interface JsonArray {
  readonly kind: 'array';
  readonly items: readonly Json[];
}

export interface JsonObject {
  readonly kind: 'object';
  /** In the order of the text, repeated keys included. */
  readonly members: readonly JsonMember[];
}

type JsonMember = readonly [key: string, value: Json];

export type ParsedJson =
  | { readonly ok: true; readonly value: Json }
  | { readonly ok: false; readonly offset: number };

interface Cursor {
  readonly text: string;
  /** After a failure: where the first offending character is. */
  at: number;
}

type Container =
  | { readonly kind: 'array'; readonly items: Json[] }
  | { readonly kind: 'object'; readonly members: JsonMember[]; key: string };

const BLANKS = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const HEX4 = /[0-9a-fA-F]{4}/y;
const ESCAPES = new Map([
  ['"', '"'],
  ['\\', '\\'],
  ['/', '/'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);
const WORDS = [
  ['true', true],
  ['false', false],
  ['null', null],
] as const;

/** Parses one JSON text. On a fault, `offset` is the first character that cannot be there. */
export const parseJson = (text: string): ParsedJson => {
  const cursor: Cursor = { text, at: 0 };
  const value = readDocument(cursor);
  return value === undefined ? { ok: false, offset: cursor.at } : { ok: true, value };
};

const readDocument = (cursor: Cursor): Json | undefined => {
  const open: Container[] = [];
  for (;;) {
    skipBlanks(cursor);
    const opened = openContainer(cursor);
    if (opened !== undefined) {
      open.push(opened);
      if (cursor.text[cursor.at] !== closing(opened)) {
        if (!readKey(cursor, opened)) return undefined;
        continue;
      }
    }
    let value = opened === undefined ? readScalar(cursor) : undefined;
    if (opened === undefined && value === undefined) return undefined;
    for (;;) {
      const container = open.at(-1);
      skipBlanks(cursor);
      if (container === undefined) return cursor.at === cursor.text.length ? value : undefined;
      if (value !== undefined) add(container, value);
      const next = cursor.text[cursor.at];
      if (next === closing(container)) {
        cursor.at += 1;
        open.pop();
        value = closed(container);
        continue;
      }
      if (next !== ',') return undefined;
      cursor.at += 1;
      if (!readKey(cursor, container)) return undefined;
      break;
    }
  }
};

const closing = (container: Container): string => (container.kind === 'array' ? ']' : '}');

const closed = (container: Container): Json =>
  container.kind === 'array' ? container : { kind: 'object', members: container.members };

const add = (container: Container, value: Json): void => {
  if (container.kind === 'array') container.items.push(value);
  else container.members.push([container.key, value]);
};

const openContainer = (cursor: Cursor): Container | undefined => {
  const first = cursor.text[cursor.at];
  if (first !== '[' && first !== '{') return undefined;
  cursor.at += 1;
  skipBlanks(cursor);
  return first === '[' ? { kind: 'array', items: [] } : { kind: 'object', members: [], key: '' };
};

/** In an object: reads `"key":`. In an array there is nothing to read. */
const readKey = (cursor: Cursor, container: Container): boolean => {
  if (container.kind === 'array') return true;
  skipBlanks(cursor);
  const key = cursor.text[cursor.at] === '"' ? readString(cursor) : undefined;
  if (key === undefined) return false;
  skipBlanks(cursor);
  if (cursor.text[cursor.at] !== ':') return false;
  cursor.at += 1;
  container.key = key;
  return true;
};

const readScalar = (cursor: Cursor): Json | undefined => {
  if (cursor.text[cursor.at] === '"') return readString(cursor);
  for (const [word, value] of WORDS) {
    if (!cursor.text.startsWith(word, cursor.at)) continue;
    cursor.at += word.length;
    return value;
  }
  const source = match(cursor, NUMBER);
  return source === undefined ? undefined : { kind: 'number', source };
};

const readString = (cursor: Cursor): string | undefined => {
  const parts: string[] = [];
  cursor.at += 1;
  for (let start = cursor.at; ; ) {
    const next = cursor.text[cursor.at];
    if (next === undefined || next < ' ') return undefined;
    if (next === '"' || next === '\\') parts.push(cursor.text.slice(start, cursor.at));
    if (next === '\\') {
      const character = readEscape(cursor);
      if (character === undefined) return undefined;
      parts.push(character);
      start = cursor.at;
      continue;
    }
    cursor.at += 1;
    if (next === '"') return parts.join('');
  }
};

const readEscape = (cursor: Cursor): string | undefined => {
  cursor.at += 1;
  const letter = cursor.text[cursor.at] ?? '';
  const simple = ESCAPES.get(letter);
  if (simple === undefined && letter !== 'u') return undefined;
  cursor.at += 1;
  if (simple !== undefined) return simple;
  const hex = match(cursor, HEX4);
  return hex === undefined ? undefined : String.fromCharCode(Number.parseInt(hex, 16));
};

const skipBlanks = (cursor: Cursor): void => {
  match(cursor, BLANKS);
};

/** Takes what the sticky pattern matches here, or nothing. */
const match = (cursor: Cursor, pattern: RegExp): string | undefined => {
  pattern.lastIndex = cursor.at;
  const found = pattern.exec(cursor.text)?.[0];
  cursor.at += found?.length ?? 0;
  return found;
};

/** Line and column of an offset, both from 1; a column is one character as an editor counts it. */
export const positionOf = (text: string, offset: number): { line: number; column: number } => {
  const lines = text.slice(0, offset).split(/\r\n|\n|\r/);
  return { line: lines.length, column: [...(lines.at(-1) ?? '')].length + 1 };
};

const byCodePoint = (a: string, b: string): number => {
  for (let at = 0; at < a.length && at < b.length; at += 1) {
    const difference = (a.codePointAt(at) ?? 0) - (b.codePointAt(at) ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
};

/**
 * Canonical JSON text: members sorted by code point of their keys (equal keys stay in their order), numbers as written,
 * no blanks. `shown` may replace text, keys included.
 */
export const canonicalJson = (value: Json, shown: (text: string) => string = (text) => text): string => {
  const out: string[] = [];
  const quoted = (text: string): string => JSON.stringify(shown(text));
  const waiting: ({ readonly text: string } | { readonly value: Json })[] = [{ value }];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if ('text' in next) out.push(next.text);
    else if (next.value === null || typeof next.value === 'boolean') out.push(String(next.value));
    else if (typeof next.value === 'string') out.push(quoted(next.value));
    else if (next.value.kind === 'number') out.push(next.value.source);
    else if (next.value.kind === 'array') {
      const items = next.value.items.flatMap((item, at) => [{ text: at === 0 ? '' : ',' }, { value: item }]);
      waiting.push({ text: ']' }, ...items.reverse(), { text: '[' });
    } else {
      const sorted = next.value.members.toSorted(([a], [b]) => byCodePoint(a, b));
      const members = sorted.flatMap(([key, member], at) => [
        { text: `${at === 0 ? '' : ','}${quoted(key)}:` },
        { value: member },
      ]);
      waiting.push({ text: '}' }, ...members.reverse(), { text: '{' });
    }
  }
  return out.join('');
};
