import { type Condition, parseCondition } from './condition-parser.ts';
import { requireSense, type Scope } from './conditions.ts';
import { type Path, parsePath, requireApart, resolvePath } from './paths.ts';
import { invalid } from './refusal.ts';
import type { Fields } from './request.ts';
import { type Cursor, cursorOf } from './tokens.ts';
import { parseUpdate } from './update-parser.ts';
import { type BoundUpdate, bindUpdate } from './updates.ts';
import { type Attributes, takeAttributes } from './values.ts';

interface Parsed<T> {
  readonly what: string;
  readonly tree: T;
  readonly names: ReadonlySet<string>;
  readonly values: ReadonlySet<string>;
}

/** Most expressions that are remembered as parsed; the stores have some thirty. */
const REMEMBERED = 2_000;

/** What a text was parsed to: the stores send the same few, over and over. */
const remembering = <T>(parse: (cursor: Cursor) => T) => {
  const known = new Map<string, Parsed<T>>();
  return (what: string, text: string): Parsed<T> => {
    const key = `${what} ${text}`;
    const found = known.get(key);
    if (found) return found;
    const cursor = cursorOf(what, text);
    const parsed = { what, tree: parse(cursor), names: cursor.names, values: cursor.values };
    if (known.size >= REMEMBERED) known.clear();
    known.set(key, parsed);
    return parsed;
  };
};

const parsedCondition = remembering(parseCondition);
const parsedUpdate = remembering(parseUpdate);
const parsedProjection = remembering((cursor) => {
  const paths: Path[] = [];
  do paths.push(parsePath(cursor));
  while (cursor.take(','));
  if (cursor.peek().kind !== 'end') cursor.fail();
  return paths;
});

/** The expressions of one request, with what their placeholders stand for. */
export interface Expressions {
  readonly scope: Scope;
  readonly condition: Condition | undefined;
  readonly key: Condition | undefined;
  readonly filter: Condition | undefined;
  readonly update: BoundUpdate | undefined;
  readonly projection: readonly Path[] | undefined;
}

const NOTHING: Attributes = {};
const NO_NAMES: Readonly<Record<string, string>> = {};

/** @throws Refusal for expressions that are none, and placeholders that are missing or not used */
export const readExpressions = (fields: Fields): Expressions => {
  const read = <T>(what: string, parse: (what: string, text: string) => Parsed<T>) => {
    const text = fields.text(what);
    return text === undefined ? undefined : parse(what, text);
  };
  const condition = read('ConditionExpression', parsedCondition);
  const key = read('KeyConditionExpression', parsedCondition);
  const filter = read('FilterExpression', parsedCondition);
  const update = read('UpdateExpression', parsedUpdate);
  const projection = read('ProjectionExpression', parsedProjection);
  const parsed = [condition, key, filter, update, projection].filter((each) => each !== undefined);
  const scope = { names: namesOf(fields, parsed), values: valuesOf(fields, parsed) };
  for (const each of [condition, key, filter]) if (each) requireSense(each.what, each.tree, scope);
  const paths = projection?.tree.map((path) => resolvePath(path, scope.names));
  if (paths) requireApart('ProjectionExpression', paths);
  return {
    scope,
    condition: condition?.tree,
    key: key?.tree,
    filter: filter?.tree,
    update: update && bindUpdate(update.what, update.tree, scope),
    projection: paths,
  };
};

const namesOf = (fields: Fields, parsed: readonly Parsed<unknown>[]): Readonly<Record<string, string>> => {
  const given = fields.record('ExpressionAttributeNames');
  requireDefined('name', 'used in the document path is', 'names', given, parsed);
  if (!given) return NO_NAMES;
  requireUsed('ExpressionAttributeNames', 'names', given, parsed);
  const names: Record<string, string> = {};
  for (const [placeholder, name] of Object.entries(given)) {
    if (!/^#\w+$/.test(placeholder))
      throw invalid(`ExpressionAttributeNames contains invalid key: Syntax error; key: "${placeholder}"`);
    if (typeof name !== 'string' || name === '')
      throw invalid('ExpressionAttributeNames contains invalid value: Empty attribute name');
    names[placeholder] = name;
  }
  return names;
};

const valuesOf = (fields: Fields, parsed: readonly Parsed<unknown>[]): Attributes => {
  const given = fields.record('ExpressionAttributeValues');
  requireDefined('value', 'used in expression is', 'values', given, parsed);
  if (!given) return NOTHING;
  requireUsed('ExpressionAttributeValues', 'values', given, parsed);
  for (const placeholder of Object.keys(given)) {
    if (!/^:\w+$/.test(placeholder))
      throw invalid(`ExpressionAttributeValues contains invalid key: Syntax error; key: "${placeholder}"`);
  }
  return takeAttributes(given);
};

const requireDefined = (
  kind: string,
  where: string,
  of: 'names' | 'values',
  given: Readonly<Record<string, unknown>> | undefined,
  parsed: readonly Parsed<unknown>[],
): void => {
  for (const each of parsed) {
    for (const placeholder of each[of]) {
      if (!given || !Object.hasOwn(given, placeholder))
        throw invalid(
          `Invalid ${each.what}: An expression attribute ${kind} ${where} not defined; attribute ${kind}: ${placeholder}`,
        );
    }
  }
};

const requireUsed = (
  field: string,
  of: 'names' | 'values',
  given: Readonly<Record<string, unknown>>,
  parsed: readonly Parsed<unknown>[],
): void => {
  if (parsed.length === 0) throw invalid(`${field} can only be specified when using expressions`);
  const placeholders = Object.keys(given);
  if (placeholders.length === 0) throw invalid(`${field} must not be empty`);
  const unused = placeholders.filter((each) => !parsed.some((expression) => expression[of].has(each)));
  if (unused.length > 0)
    throw invalid(`Value provided in ${field} unused in expressions: keys: {${unused.join(', ')}}`);
};
