import * as z from 'zod';
import { readInterval } from '../lib/domain/candle-interval.ts';
import { nearestName } from './nearest-name.ts';

type Path = readonly PropertyKey[];

/** What zod would say about kinds and bounds, for people who do not program. */
export const plainWords: z.core.$ZodErrorMap = (issue) => {
  if (issue.code === 'invalid_type')
    return issue.input === undefined ? 'is missing' : `must be ${kind(issue.expected)}`;
  if (issue.code === 'too_small' && (issue.origin === 'array' || issue.origin === 'string'))
    return Number(issue.minimum) === 1 ? 'must not be empty' : `must have at least ${issue.minimum} entries`;
  if (issue.code === 'too_small') return `must be ${issue.inclusive ? 'at least' : 'above'} ${issue.minimum}`;
  if (issue.code === 'too_big' && issue.origin === 'array')
    return `must have at most ${issue.maximum} entries`;
  if (issue.code === 'too_big') return `must be ${issue.inclusive ? 'at most' : 'below'} ${issue.maximum}`;
  if (issue.code === 'invalid_format' && issue.format === 'url')
    return 'must be an address that begins with https:// or wss://';
  return undefined;
};

const kind = (expected: string): string => {
  const words: Readonly<Record<string, string>> = {
    int: 'a whole number',
    number: 'a number',
    string: 'text',
    boolean: 'true or false',
    array: 'a list',
    object: 'an object, {…}',
    record: 'an object, {…}',
  };
  return words[expected] ?? `a ${expected}`;
};

/**
 * A sentence for everything that is wrong, each naming its path, and what was probably meant where a known name is near.
 * @param given what was read, to look wrong values up in
 */
export const sentencesOf = ({ issues }: z.ZodError, schema: z.ZodType, given: unknown): string[] =>
  issues.flatMap((issue) => {
    const where = issue.path.map(String).join('.') || 'it';
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => `${where}: ${key} is not a setting${meant(key, issue.path, schema)}`);
    const value = valueAt(given, issue.path);
    if (issue.code === 'invalid_value' && typeof value === 'string') {
      const names = issue.values.filter((each) => typeof each === 'string');
      return [`${where}: ${withNearest(value, names) ?? issue.message}`];
    }
    if (issue.code === 'invalid_union' && typeof value === 'string') {
      const names = [...issue.message.matchAll(/'([^']+)'/g)].flatMap(([, name]) => name ?? []);
      return [`${where}: ${withNearest(value, names) ?? issue.message}`];
    }
    return [`${where}: ${issue.message}${spelling(issue, value)}`];
  });

const withNearest = (value: string, names: readonly string[]): string | undefined => {
  if (names.length === 0) return undefined;
  if (names.includes('1m') && names.includes('1W')) return intervalProblem(value);
  const near = nearestName(value, names);
  return `${value} is not known: must be one of ${names.join(', ')}${near ? `; did you mean ${near}?` : ''}`;
};

/** Case matters there, so the nearest in spelling may be another one: the domain knows which is meant. */
const intervalProblem = (value: string): string => {
  try {
    readInterval(value);
    return `${value} is not known`;
  } catch (error) {
    return error instanceof Error ? error.message : `${value} is not known`;
  }
};

/** Symbols are the text that is most often spelt as elsewhere. */
const spelling = (issue: z.core.$ZodIssue, value: unknown): string => {
  if (typeof value !== 'string' || !issue.message.startsWith('must be spelt as the exchange does')) return '';
  const right = value
    .replace(/^[A-Za-z]+:/, '')
    .replace(/[\s/_-]/g, '')
    .toUpperCase();
  return right === '' || right === value ? '' : `; did you mean ${right}?`;
};

/** The setting that was meant: a name like it here, or the same name elsewhere. */
const meant = (key: string, path: Path, schema: z.ZodType): string => {
  const here = schemaAt(schema, path);
  const near = nearestName(key, here instanceof z.ZodObject ? Object.keys(here.shape) : []);
  if (near) return `; did you mean ${near}?`;
  const [elsewhere] = placesOf(key, schema, []);
  return elsewhere ? `; it belongs to ${elsewhere}` : '';
};

/** Inside of defaults and optionals. */
const bare = (schema: unknown): unknown => {
  let inner = schema;
  while (inner instanceof z.ZodOptional || inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault)
    inner = inner.unwrap();
  return inner;
};

const schemaAt = (schema: unknown, [key, ...rest]: Path): unknown => {
  const here = bare(schema);
  if (key === undefined) return here;
  if (here instanceof z.ZodObject) return schemaAt(here.shape[String(key)], rest);
  if (here instanceof z.ZodRecord) return schemaAt(here.valueType, rest);
  return here instanceof z.ZodArray ? schemaAt(here.element, rest) : undefined;
};

/** Where settings of this name are, e.g. `strategies.<name>`. */
const placesOf = (key: string, schema: unknown, path: readonly string[]): string[] => {
  const here = bare(schema);
  if (here instanceof z.ZodRecord) return placesOf(key, here.valueType, [...path, '<name>']);
  if (!(here instanceof z.ZodObject)) return [];
  const own = Object.hasOwn(here.shape, key) && path.length > 0 ? [path.join('.')] : [];
  return [
    ...own,
    ...Object.entries(here.shape).flatMap(([name, inner]) => placesOf(key, inner, [...path, name])),
  ];
};

const valueAt = (given: unknown, path: Path): unknown =>
  path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    given,
  );
