import { invalid, Refusal, Unsupported } from './refusal.ts';
import { isRecord } from './values.ts';

export type Request = Readonly<Record<string, unknown>>;

/** The fields of a request or of a part of it. Each is read by its type; what is not known is not ignored. */
export interface Fields {
  /** @throws Refusal where it is missing */
  required(name: string): string;
  text(name: string): string | undefined;
  flag(name: string): boolean;
  count(name: string): number | undefined;
  record(name: string): Request | undefined;
  list(name: string): readonly unknown[] | undefined;
}

const wrong = (name: string): Refusal =>
  new Refusal('SerializationException', `Unexpected value type in payload: ${name}`);

/** @throws Unsupported for a field outside `known` */
export const fieldsOf = (given: unknown, known: ReadonlySet<string>, what: string): Fields => {
  if (!isRecord(given)) throw wrong(what);
  for (const name in given)
    if (given[name] !== undefined && !known.has(name)) throw new Unsupported(`${name} of ${what}`);
  const own = (name: string): unknown =>
    Object.hasOwn(given, name) ? (given[name] ?? undefined) : undefined;
  const text = (name: string): string | undefined => {
    const value = own(name);
    if (value !== undefined && typeof value !== 'string') throw wrong(name);
    return value;
  };
  return {
    text,
    required: (name) => {
      const value = text(name);
      if (value === undefined)
        throw invalid(`The parameter '${name}' is required but was not present in the request`);
      return value;
    },
    flag: (name) => {
      const value = own(name);
      if (value !== undefined && typeof value !== 'boolean') throw wrong(name);
      return value === true;
    },
    count: (name) => {
      const value = own(name);
      if (value === undefined) return undefined;
      if (typeof value !== 'number' || !Number.isInteger(value)) throw wrong(name);
      if (value < 1)
        throw invalid(
          `1 validation error detected: Value '${value}' at '${name.toLowerCase()}' failed to satisfy constraint: Member must have value greater than or equal to 1`,
        );
      return value;
    },
    record: (name) => {
      const value = own(name);
      if (value !== undefined && !isRecord(value)) throw wrong(name);
      return value;
    },
    list: (name) => {
      const value = own(name);
      if (value !== undefined && !Array.isArray(value)) throw wrong(name);
      return value;
    },
  };
};

/** One of a few words, the first when none is given. */
export const oneOf = <Word extends string>(
  fields: Fields,
  name: string,
  words: readonly [Word, ...Word[]],
): Word => {
  const text = fields.text(name);
  if (text === undefined) return words[0];
  const found = words.find((each) => each === text);
  if (found === undefined)
    throw invalid(
      `1 validation error detected: Value '${text}' at '${name}' failed to satisfy constraint: Member must satisfy enum value set: [${words.join(', ')}]`,
    );
  return found;
};
