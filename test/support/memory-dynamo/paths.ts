import { invalid } from './refusal.ts';
import type { Cursor } from './tokens.ts';
import { type Attributes, attribute, type Value } from './values.ts';

/** A document path: names (as in the expression, or resolved) and list indices. */
export type Path = readonly (string | number)[];

/** Reads `a.#b[0].c`. */
export const parsePath = (cursor: Cursor): Path => {
  const steps: (string | number)[] = [];
  do {
    const { kind } = cursor.peek();
    if (kind !== 'word' && kind !== 'name') cursor.fail();
    steps.push(cursor.next().text);
    while (cursor.take('[')) {
      if (cursor.peek().kind !== 'number') cursor.fail();
      steps.push(Number(cursor.next().text));
      cursor.expect(']');
    }
  } while (cursor.take('.'));
  return steps;
};

/** The path with placeholders replaced. */
export const resolvePath = (path: Path, names: Readonly<Record<string, string>>): Path =>
  path.map((step) => (typeof step === 'string' && step.charCodeAt(0) === 35 ? (names[step] ?? step) : step));

const child = (value: Value, step: string | number): Value | undefined => {
  if (typeof step === 'number') return 'L' in value ? value.L[step] : undefined;
  return 'M' in value ? attribute(value.M, step) : undefined;
};

export const valueAt = (item: Attributes | undefined, path: Path): Value | undefined => {
  const [first] = path;
  if (item === undefined || typeof first !== 'string') return undefined;
  let value = attribute(item, first);
  for (let at = 1; value !== undefined && at < path.length; at += 1) {
    const step = path[at];
    if (step === undefined) return value;
    value = child(value, step);
  }
  return value;
};

export const showPath = (path: Path): string =>
  `[${path.map((step) => (typeof step === 'number' ? `[${step}]` : step)).join(', ')}]`;

/** @throws Refusal where two paths touch the same value, or take one value for a list and for a map */
export const requireApart = (what: string, paths: readonly Path[]): void => {
  for (const [index, one] of paths.entries()) {
    for (const two of paths.slice(index + 1)) {
      const length = Math.min(one.length, two.length);
      let at = 0;
      while (at < length && one[at] === two[at]) at += 1;
      const shown = `path one: ${showPath(one)}, path two: ${showPath(two)}`;
      if (at === length)
        throw invalid(
          `Invalid ${what}: Two document paths overlap with each other; must remove or rewrite one of these paths; ${shown}`,
        );
      if (typeof one[at] !== typeof two[at])
        throw invalid(
          `Invalid ${what}: Two document paths conflict with each other; must remove or rewrite one of these paths; ${shown}`,
        );
    }
  }
};

const NO_PLACE = 'The document path provided in the update expression is invalid for update';

/** @throws Refusal where nothing could be at this path: what it leads through is not there */
export const requirePlace = (item: Attributes, path: Path): void => {
  const parent = path.length > 1 ? valueAt(item, path.slice(0, -1)) : { M: item };
  if (!parent || !(typeof path.at(-1) === 'number' ? 'L' in parent : 'M' in parent)) throw invalid(NO_PLACE);
};

/** A copy with another value at the path. @throws Refusal where the path has no place in the item */
export const withValue = (item: Attributes, [first, ...rest]: Path, value: Value): Attributes => {
  if (typeof first !== 'string') throw invalid(NO_PLACE);
  return { ...item, [first]: rest.length === 0 ? value : placed(attribute(item, first), rest, value) };
};

const placed = (parent: Value | undefined, [step, ...rest]: Path, value: Value): Value => {
  if (parent === undefined || step === undefined) throw invalid(NO_PLACE);
  const below = (): Value => (rest.length === 0 ? value : placed(child(parent, step), rest, value));
  if (typeof step === 'number' && 'L' in parent) {
    const list = [...parent.L];
    list[Math.min(step, list.length)] = below();
    return { L: list };
  }
  if (typeof step === 'string' && 'M' in parent) return { M: { ...parent.M, [step]: below() } };
  throw invalid(NO_PLACE);
};

/** What `without` leaves where an element of a list goes: its neighbours keep their indices until all have gone. */
const GONE: Value = { NULL: true };

/** A copy without the values at these paths. @throws Refusal where a path leads through something that is not there */
export const without = (item: Attributes, paths: readonly Path[]): Attributes => {
  let left = item;
  for (const path of paths) left = removed(left, path);
  return paths.some((path) => path.some((step) => typeof step === 'number')) ? swept(left) : left;
};

const removed = (item: Attributes, [first, ...rest]: Path): Attributes => {
  if (typeof first !== 'string') throw invalid(NO_PLACE);
  const { [first]: found, ...others } = item;
  if (rest.length === 0) return others;
  return { ...item, [first]: removedBelow(Object.hasOwn(item, first) ? found : undefined, rest) };
};

const removedBelow = (parent: Value | undefined, [step, ...rest]: Path): Value => {
  if (parent === undefined || step === undefined) throw invalid(NO_PLACE);
  if (typeof step === 'number' && 'L' in parent) {
    const found = parent.L[step];
    if (found === undefined) {
      if (rest.length > 0) throw invalid(NO_PLACE);
      return parent;
    }
    return { L: parent.L.with(step, rest.length === 0 ? GONE : removedBelow(found, rest)) };
  }
  if (typeof step === 'string' && 'M' in parent) {
    const { [step]: found, ...others } = parent.M;
    if (rest.length === 0) return { M: others };
    return {
      M: { ...parent.M, [step]: removedBelow(Object.hasOwn(parent.M, step) ? found : undefined, rest) },
    };
  }
  throw invalid(NO_PLACE);
};

const sweptValue = (value: Value): Value => {
  if ('L' in value) return { L: value.L.filter((each) => each !== GONE).map(sweptValue) };
  return 'M' in value ? { M: swept(value.M) } : value;
};

const swept = (of: Attributes): Attributes =>
  Object.fromEntries(Object.entries(of).map(([name, value]) => [name, sweptValue(value)]));

/** What these paths show of an item; elements of lists close ranks. */
export const projected = (item: Attributes, paths: readonly Path[]): Attributes => {
  const shown: Record<string, Value> = {};
  const groups = new Map<string, Path[]>();
  for (const [first, ...rest] of paths) {
    if (typeof first !== 'string') continue;
    groups.set(first, [...(groups.get(first) ?? []), rest]);
  }
  for (const [name, below] of groups) {
    const value = attribute(item, name);
    const found = value && projectedBelow(value, below);
    if (found) shown[name] = found;
  }
  return shown;
};

const projectedBelow = (value: Value, paths: readonly Path[]): Value | undefined => {
  if (paths.some((path) => path.length === 0)) return value;
  if ('M' in value) {
    const found = projected(value.M, paths);
    return Object.keys(found).length > 0 ? { M: found } : undefined;
  }
  if (!('L' in value)) return undefined;
  const found = value.L.flatMap((each, index) => {
    const below = paths.filter(([step]) => step === index).map(([, ...rest]) => rest);
    const part = below.length > 0 ? projectedBelow(each, below) : undefined;
    return part ? [part] : [];
  });
  return found.length > 0 ? { L: found } : undefined;
};
