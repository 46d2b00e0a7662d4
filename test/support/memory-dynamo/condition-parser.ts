import { type Path, parsePath } from './paths.ts';
import { invalid } from './refusal.ts';
import type { Cursor } from './tokens.ts';

export type Operand =
  | { readonly kind: 'path'; readonly path: Path }
  | { readonly kind: 'value'; readonly name: string }
  | { readonly kind: 'size'; readonly path: Path };

export type Comparator = '=' | '<>' | '<' | '<=' | '>' | '>=';

export type Condition =
  | { readonly kind: 'and' | 'or'; readonly left: Condition; readonly right: Condition }
  | { readonly kind: 'not'; readonly of: Condition }
  | {
      readonly kind: 'compare';
      readonly operator: Comparator;
      readonly left: Operand;
      readonly right: Operand;
    }
  | { readonly kind: 'between'; readonly of: Operand; readonly low: Operand; readonly high: Operand }
  | { readonly kind: 'in'; readonly of: Operand; readonly among: readonly Operand[] }
  | { readonly kind: 'exists'; readonly path: Path; readonly wanted: boolean }
  | { readonly kind: 'type' | 'begins' | 'contains'; readonly left: Operand; readonly right: Operand };

const COMPARATORS: readonly Comparator[] = ['=', '<>', '<=', '>=', '<', '>'];
const MOST_AMONG = 100;

/** Reads a whole condition. @throws Refusal where it is none */
export const parseCondition = (cursor: Cursor): Condition => {
  const condition = either(cursor);
  if (cursor.peek().kind !== 'end') cursor.fail();
  return condition;
};

const either = (cursor: Cursor): Condition => {
  let left = both(cursor);
  while (cursor.take('OR')) left = { kind: 'or', left, right: both(cursor) };
  return left;
};

const both = (cursor: Cursor): Condition => {
  let left = negated(cursor);
  while (cursor.take('AND')) left = { kind: 'and', left, right: negated(cursor) };
  return left;
};

const negated = (cursor: Cursor): Condition =>
  cursor.take('NOT') ? { kind: 'not', of: negated(cursor) } : single(cursor);

const single = (cursor: Cursor): Condition => {
  if (cursor.take('(')) {
    const twice = cursor.peek().text === '(';
    const inner = either(cursor);
    cursor.expect(')');
    if (twice && cursor.peek(-2).text === ')' && wraps(cursor))
      throw invalid(`Invalid ${cursor.what}: The expression has redundant parentheses;`);
    return inner;
  }
  const call = called(cursor);
  if (call) return call;
  const left = parseOperand(cursor);
  const operator = COMPARATORS.find((each) => cursor.take(each));
  if (operator) return { kind: 'compare', operator, left, right: parseOperand(cursor) };
  if (cursor.take('BETWEEN')) {
    const low = parseOperand(cursor);
    cursor.expect('AND');
    return { kind: 'between', of: left, low, high: parseOperand(cursor) };
  }
  if (!cursor.take('IN')) cursor.fail();
  cursor.expect('(');
  const among = [parseOperand(cursor)];
  while (cursor.take(',')) among.push(parseOperand(cursor));
  cursor.expect(')');
  if (among.length > MOST_AMONG)
    throw invalid(
      `Invalid ${cursor.what}: The IN operator is provided with too many operands; number of operands: ${among.length}`,
    );
  return { kind: 'in', of: left, among };
};

/** Whether the parenthesis that was just closed holds nothing but another one. */
const wraps = (cursor: Cursor): boolean => {
  let open = 0;
  for (let back = -2; ; back -= 1) {
    const { text } = cursor.peek(back);
    if (text === ')') open += 1;
    if (text === '(') open -= 1;
    if (open === 0) return cursor.peek(back - 1).text === '(';
  }
};

const called = (cursor: Cursor): Condition | undefined => {
  const { kind, text } = cursor.peek();
  if (kind !== 'word' || cursor.peek(1).text !== '(' || text === 'size') return undefined;
  const two = (of: 'type' | 'begins' | 'contains'): Condition => {
    const left = parseOperand(cursor);
    cursor.expect(',');
    return { kind: of, left, right: parseOperand(cursor) };
  };
  const within = (read: () => Condition): Condition => {
    cursor.next();
    cursor.expect('(');
    const condition = read();
    cursor.expect(')');
    return condition;
  };
  switch (text) {
    case 'attribute_exists':
      return within(() => ({ kind: 'exists', path: parsePath(cursor), wanted: true }));
    case 'attribute_not_exists':
      return within(() => ({ kind: 'exists', path: parsePath(cursor), wanted: false }));
    case 'attribute_type':
      return within(() => two('type'));
    case 'begins_with':
      return within(() => two('begins'));
    case 'contains':
      return within(() => two('contains'));
    default:
      throw invalid(`Invalid ${cursor.what}: Invalid function name; function: ${text}`);
  }
};

const parseOperand = (cursor: Cursor): Operand => {
  const { kind, text } = cursor.peek();
  if (kind === 'value') return { kind: 'value', name: cursor.next().text };
  if (kind === 'word' && text === 'size' && cursor.peek(1).text === '(') {
    cursor.next();
    cursor.expect('(');
    const path = parsePath(cursor);
    cursor.expect(')');
    return { kind: 'size', path };
  }
  return { kind: 'path', path: parsePath(cursor) };
};
