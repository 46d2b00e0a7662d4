import type { Scope } from './conditions.ts';
import { addNumbers, subtractNumbers } from './numbers.ts';
import {
  type Path,
  requireApart,
  requirePlace,
  resolvePath,
  showPath,
  valueAt,
  without,
  withValue,
} from './paths.ts';
import { invalid } from './refusal.ts';
import type { Term, Update } from './update-parser.ts';
import { type Attributes, attribute, typeOf, type Value } from './values.ts';

/** An update whose placeholders are replaced. */
export interface BoundUpdate extends Update {
  readonly scope: Scope;
  /** Everything that it writes or removes. */
  readonly paths: readonly Path[];
}

/** @throws Refusal for what cannot be carried out on any item */
export const bindUpdate = (what: string, update: Update, scope: Scope): BoundUpdate => {
  const resolve = (path: Path): Path => resolvePath(path, scope.names);
  const bound = {
    set: update.set.map(({ path, to }) => ({ path: resolve(path), to })),
    remove: update.remove.map(resolve),
    add: update.add.map(({ path, name }) => ({ path: resolve(path), name })),
    take: update.take.map(({ path, name }) => ({ path: resolve(path), name })),
  };
  const paths = [...bound.set, ...bound.add, ...bound.take].map(({ path }) => path).concat(bound.remove);
  requireApart(what, paths);
  for (const { to } of bound.set) requireOperands(what, to, scope);
  for (const { name } of bound.add) requireType(what, 'ADD', name, ['N', 'SS', 'NS'], scope);
  for (const { name } of bound.take) requireType(what, 'DELETE', name, ['SS', 'NS'], scope);
  return { ...bound, scope, paths };
};

const requireType = (
  what: string,
  operator: string,
  name: string,
  types: readonly string[],
  { values }: Scope,
): void => {
  const value = attribute(values, name);
  if (value && !types.includes(typeOf(value)))
    throw invalid(
      `Invalid ${what}: Incorrect operand type for operator or function; operator: ${operator}, operand type: ${LONG[typeOf(value)] ?? typeOf(value)}`,
    );
};

const LONG: Readonly<Record<string, string>> = {
  S: 'STRING',
  N: 'NUMBER',
  BOOL: 'BOOLEAN',
  NULL: 'NULL',
  L: 'LIST',
  M: 'MAP',
};

const requireOperands = (what: string, term: Term, scope: Scope): void => {
  if (term.kind === 'if_not_exists') {
    requireOperands(what, term.otherwise, scope);
    const path = showPath(resolvePath(term.path, scope.names));
    if (term.otherwise.kind === 'path' && showPath(resolvePath(term.otherwise.path, scope.names)) === path)
      throw invalid(
        `Invalid ${what}: The first operand must be distinct from the remaining operands for this operator or function; operator: if_not_exists, first operand: ${path}`,
      );
  }
  if (!('left' in term)) return;
  for (const side of [term.left, term.right]) {
    requireOperands(what, side, scope);
    if (side.kind !== 'value') continue;
    const value = attribute(scope.values, side.name);
    const fits = term.kind === 'list_append' ? 'L' : 'N';
    if (value && typeOf(value) !== fits)
      throw invalid(
        `Invalid ${what}: Incorrect operand type for operator or function; operator or function: ${term.kind}, operand type: ${typeOf(value)}`,
      );
  }
};

const WRONG_TYPE = 'An operand in the update expression has an incorrect data type';

/** The item after the update; everything is read from the item as it was. @throws Refusal where it does not fit the item */
export const updated = (item: Attributes, update: BoundUpdate): Attributes => {
  const { scope } = update;
  const changes: (readonly [Path, Value])[] = [];
  const removals: Path[] = [...update.remove];
  for (const { path, to } of update.set) changes.push([path, resultOf(to, item, scope)]);
  for (const { path, name } of update.add) {
    const [old, more] = [valueAt(item, path), attribute(scope.values, name)];
    if (more) changes.push([path, old ? sumOf(old, more) : more]);
  }
  for (const { path, name } of update.take) {
    const [old, gone] = [valueAt(item, path), attribute(scope.values, name)];
    if (!old) requirePlace(item, path);
    if (!old || !gone) continue;
    const rest = difference(old, gone);
    if (rest) changes.push([path, rest]);
    else removals.push(path);
  }
  let next = item;
  // Elements beyond the end of a list are appended in the order of their indices.
  for (const [path, value] of changes.sort(([a], [b]) => compareLast(a, b)))
    next = withValue(next, path, value);
  return removals.length > 0 ? without(next, removals) : next;
};

const compareLast = (a: Path, b: Path): number => {
  const [x, y] = [a.at(-1), b.at(-1)];
  return typeof x === 'number' && typeof y === 'number' ? x - y : 0;
};

const resultOf = (term: Term, item: Attributes, scope: Scope): Value => {
  switch (term.kind) {
    case 'value': {
      const value = attribute(scope.values, term.name);
      if (value) return value;
      throw invalid(`an expression attribute value is not defined: ${term.name}`);
    }
    case 'path': {
      const found = valueAt(item, resolvePath(term.path, scope.names));
      if (found) return found;
      throw invalid('The provided expression refers to an attribute that does not exist in the item');
    }
    case 'if_not_exists':
      return valueAt(item, resolvePath(term.path, scope.names)) ?? resultOf(term.otherwise, item, scope);
    case 'list_append': {
      const [left, right] = [resultOf(term.left, item, scope), resultOf(term.right, item, scope)];
      if ('L' in left && 'L' in right) return { L: [...left.L, ...right.L] };
      throw invalid(WRONG_TYPE);
    }
    default: {
      const [left, right] = [resultOf(term.left, item, scope), resultOf(term.right, item, scope)];
      if (!('N' in left && 'N' in right)) throw invalid(WRONG_TYPE);
      return { N: term.kind === '+' ? addNumbers(left.N, right.N) : subtractNumbers(left.N, right.N) };
    }
  }
};

const sumOf = (old: Value, more: Value): Value => {
  if ('N' in old && 'N' in more) return { N: addNumbers(old.N, more.N) };
  if ('SS' in old && 'SS' in more) return { SS: [...new Set([...old.SS, ...more.SS])] };
  if ('NS' in old && 'NS' in more) return { NS: [...new Set([...old.NS, ...more.NS])] };
  throw invalid(WRONG_TYPE);
};

/** What is left of a set; `undefined`: nothing. */
const difference = (old: Value, gone: Value): Value | undefined => {
  if ('SS' in old && 'SS' in gone) {
    const left = old.SS.filter((each) => !gone.SS.includes(each));
    return left.length > 0 ? { SS: left } : undefined;
  }
  if ('NS' in old && 'NS' in gone) {
    const left = old.NS.filter((each) => !gone.NS.includes(each));
    return left.length > 0 ? { NS: left } : undefined;
  }
  throw invalid(WRONG_TYPE);
};
