import { canonicalNumber, compareNumbers } from './numbers.ts';
import { invalid, Unsupported } from './refusal.ts';

/** A value as it lies in a table: wire format, numbers in canonical form. Never changed once made. */
export type Value =
  | { readonly S: string }
  | { readonly N: string }
  | { readonly BOOL: boolean }
  | { readonly NULL: true }
  | { readonly L: readonly Value[] }
  | { readonly M: Attributes }
  | { readonly SS: readonly string[] }
  | { readonly NS: readonly string[] };

export type Attributes = Readonly<Record<string, Value>>;

/** Nested values that an item may have. */
const DEPTH = 32;
/** Bytes of an item, names included. */
export const MAX_ITEM = 400 * 1024;

/** Of a plain map by its own names only: attributes may be called `constructor`. */
export const attribute = (of: Attributes, name: string): Value | undefined =>
  Object.hasOwn(of, name) ? of[name] : undefined;

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const typeOf = (value: Value): string => {
  for (const type in value) return type;
  throw new Unsupported('a value without a type');
};

/** @throws Refusal for what is no value of DynamoDB's */
export const takeValue = (given: unknown, depth = 1): Value => {
  if (depth > DEPTH)
    throw invalid(
      'Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit',
    );
  if (!isRecord(given))
    throw invalid('Supplied AttributeValue is empty, must contain exactly one of the supported datatypes');
  let type = '';
  for (const name in given) {
    if (given[name] === undefined) continue;
    if (type)
      throw invalid(
        'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes',
      );
    type = name;
  }
  const value = given[type];
  switch (type) {
    case 'S':
      if (typeof value === 'string') return { S: value };
      break;
    case 'N':
      if (typeof value === 'string') return { N: canonicalNumber(value) };
      break;
    case 'BOOL':
      if (typeof value === 'boolean') return { BOOL: value };
      break;
    case 'NULL':
      if (value === true) return { NULL: true };
      throw invalid(
        'One or more parameter values were invalid: Null attribute value types must have the value of true',
      );
    case 'L':
      if (Array.isArray(value)) return { L: value.map((each) => takeValue(each, depth + 1)) };
      break;
    case 'M':
      if (isRecord(value)) return { M: takeAttributes(value, depth + 1) };
      break;
    case 'SS':
    case 'NS':
      if (Array.isArray(value)) return takeSet(type, value);
      break;
    case '':
      throw invalid('Supplied AttributeValue is empty, must contain exactly one of the supported datatypes');
  }
  throw new Unsupported(`values of type ${type} such as ${JSON.stringify(value)}`);
};

export const takeAttributes = (given: Readonly<Record<string, unknown>>, depth = 1): Attributes => {
  const taken: Record<string, Value> = {};
  for (const name of Object.keys(given)) {
    if (name === '__proto__') throw new Unsupported('an attribute named __proto__');
    if (name === '') throw invalid('One or more parameter values were invalid: Empty attribute name');
    taken[name] = takeValue(given[name], depth);
  }
  return taken;
};

const takeSet = (type: 'SS' | 'NS', given: readonly unknown[]): Value => {
  const kind = type === 'SS' ? 'string' : 'number';
  if (given.length === 0)
    throw invalid(`One or more parameter values were invalid: An ${kind} set  may not be empty`);
  const members = given.map((each) => {
    if (typeof each !== 'string') throw new Unsupported(`a member ${JSON.stringify(each)} of a set`);
    return type === 'SS' ? each : canonicalNumber(each);
  });
  if (new Set(members).size < members.length)
    throw invalid(
      `One or more parameter values were invalid: Input collection [${members.join(', ')}] contains duplicates.`,
    );
  return type === 'SS' ? { SS: members } : { NS: members };
};

/** Order of the text's UTF-8 bytes, which is not JavaScript's where surrogates meet the characters above them. */
export const compareTexts = (a: string, b: string): number => {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at += 1) {
    const [x, y] = [a.charCodeAt(at), b.charCodeAt(at)];
    if (x === y) continue;
    const [left, right] = [x >= 0xd800 && x < 0xe000, y >= 0xd800 && y < 0xe000];
    return left === right ? x - y : left ? 1 : -1;
  }
  return a.length - b.length;
};

/** Order of two texts or two numbers; `undefined` where there is none. */
export const compareValues = (a: Value, b: Value): number | undefined => {
  if ('S' in a && 'S' in b) return compareTexts(a.S, b.S);
  if ('N' in a && 'N' in b) return compareNumbers(a.N, b.N);
  return undefined;
};

const sameMembers = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((each) => b.includes(each));

export const sameValue = (a: Value, b: Value): boolean => {
  if (a === b) return true;
  if ('S' in a) return 'S' in b && a.S === b.S;
  if ('N' in a) return 'N' in b && a.N === b.N;
  if ('BOOL' in a) return 'BOOL' in b && a.BOOL === b.BOOL;
  if ('NULL' in a) return 'NULL' in b;
  if ('SS' in a) return 'SS' in b && sameMembers(a.SS, b.SS);
  if ('NS' in a) return 'NS' in b && sameMembers(a.NS, b.NS);
  if ('L' in a) return 'L' in b && a.L.length === b.L.length && a.L.every((each, n) => sameAt(each, b.L[n]));
  return 'M' in b && sameAttributes(a.M, b.M);
};

const sameAt = (a: Value, b: Value | undefined): boolean => b !== undefined && sameValue(a, b);

export const sameAttributes = (a: Attributes, b: Attributes): boolean => {
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => {
      const [left, right] = [attribute(a, name), attribute(b, name)];
      return left !== undefined && sameAt(left, right);
    })
  );
};

/** Of a number in canonical form: two digits a byte, without zeros at either end. */
const numberSize = (text: string): number => {
  let [digits, zeros] = [0, 0];
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 48) zeros += digits > 0 ? 1 : 0;
    else if (code > 48 && code <= 57) {
      digits += zeros + 1;
      zeros = 0;
    }
  }
  return Math.ceil(digits / 2) + 1 + (text.charCodeAt(0) === 45 ? 1 : 0);
};

const listSize = (values: readonly Value[]): number => {
  let sum = 3 + values.length;
  for (const value of values) sum += sizeOfValue(value);
  return sum;
};

const setSize = (members: readonly string[], size: (member: string) => number): number => {
  let sum = 0;
  for (const member of members) sum += size(member);
  return sum;
};

/** Bytes as DynamoDB counts them. */
const sizeOfValue = (value: Value): number => {
  if ('S' in value) return Buffer.byteLength(value.S);
  if ('N' in value) return numberSize(value.N);
  if ('M' in value) return mapSize(value.M, 3, 1);
  if ('L' in value) return listSize(value.L);
  if ('SS' in value) return setSize(value.SS, Buffer.byteLength);
  if ('NS' in value) return setSize(value.NS, numberSize);
  return 1;
};

const mapSize = (of: Attributes, own: number, each: number): number => {
  let sum = own;
  for (const name of Object.keys(of)) {
    const value = of[name];
    if (value) sum += each + Buffer.byteLength(name) + sizeOfValue(value);
  }
  return sum;
};

/** Items never change once made, and are asked for far more often than they are written. */
const sizes = new WeakMap<Attributes, number>();

/** Bytes of an item, names included. */
export const sizeOf = (of: Attributes): number => {
  const known = sizes.get(of);
  if (known !== undefined) return known;
  const size = mapSize(of, 0, 0);
  sizes.set(of, size);
  return size;
};
