import type { Comparator, Condition, Operand } from './condition-parser.ts';
import { resolvePath, showPath, valueAt } from './paths.ts';
import { invalid } from './refusal.ts';
import { type Attributes, attribute, compareValues, sameValue, typeOf, type Value } from './values.ts';

/** What the placeholders of a request stand for. */
export interface Scope {
  readonly names: Readonly<Record<string, string>>;
  readonly values: Attributes;
}

/** Whether a condition holds for an item, or for none. */
export const holds = (condition: Condition, item: Attributes | undefined, scope: Scope): boolean => {
  const value = (operand: Operand) => operandValue(operand, item, scope);
  switch (condition.kind) {
    case 'and':
      return holds(condition.left, item, scope) && holds(condition.right, item, scope);
    case 'or':
      return holds(condition.left, item, scope) || holds(condition.right, item, scope);
    case 'not':
      return !holds(condition.of, item, scope);
    case 'compare':
      return compared(condition.operator, value(condition.left), value(condition.right));
    case 'between': {
      const of = value(condition.of);
      return compared('>=', of, value(condition.low)) && compared('<=', of, value(condition.high));
    }
    case 'in': {
      const of = value(condition.of);
      return condition.among.some((each) => compared('=', of, value(each)));
    }
    case 'exists':
      return (valueAt(item, resolvePath(condition.path, scope.names)) !== undefined) === condition.wanted;
    case 'type': {
      const [of, type] = [value(condition.left), value(condition.right)];
      return of !== undefined && type !== undefined && 'S' in type && typeOf(of) === type.S;
    }
    case 'begins': {
      const [of, start] = [value(condition.left), value(condition.right)];
      return of !== undefined && start !== undefined && 'S' in of && 'S' in start && of.S.startsWith(start.S);
    }
    case 'contains':
      return contains(value(condition.left), value(condition.right));
  }
};

const operandValue = (operand: Operand, item: Attributes | undefined, scope: Scope): Value | undefined => {
  if (operand.kind === 'value') return attribute(scope.values, operand.name);
  const found = valueAt(item, resolvePath(operand.path, scope.names));
  if (operand.kind === 'path') return found;
  const size = found && lengthOf(found);
  return size === undefined ? undefined : { N: String(size) };
};

const lengthOf = (value: Value): number | undefined => {
  if ('S' in value) return value.S.length;
  if ('L' in value) return value.L.length;
  if ('M' in value) return Object.keys(value.M).length;
  if ('SS' in value) return value.SS.length;
  if ('NS' in value) return value.NS.length;
  return undefined;
};

const compared = (operator: Comparator, a: Value | undefined, b: Value | undefined): boolean => {
  // What is missing equals nothing, so it differs from everything.
  if (operator === '<>') return a === undefined || b === undefined || !sameValue(a, b);
  if (a === undefined || b === undefined) return false;
  if (operator === '=') return sameValue(a, b);
  const order = compareValues(a, b);
  if (order === undefined) return false;
  switch (operator) {
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
  }
};

const contains = (of: Value | undefined, part: Value | undefined): boolean => {
  if (of === undefined || part === undefined) return false;
  if ('S' in of) return 'S' in part && of.S.includes(part.S);
  if ('SS' in of) return 'S' in part && of.SS.includes(part.S);
  if ('NS' in of) return 'N' in part && of.NS.includes(part.N);
  return 'L' in of && of.L.some((each) => sameValue(each, part));
};

const ORDERED = new Set(['S', 'N']);
const TYPES = new Set(['S', 'N', 'B', 'SS', 'NS', 'BS', 'L', 'M', 'BOOL', 'NULL']);

/**
 * What DynamoDB refuses to evaluate, whatever the item is.
 * @throws Refusal for given values of a type that an operator cannot have
 */
export const requireSense = (what: string, condition: Condition, scope: Scope): void => {
  const given = (operand: Operand) =>
    operand.kind === 'value' ? attribute(scope.values, operand.name) : undefined;
  const requireOrdered = (operator: string, ...operands: readonly Operand[]): void => {
    for (const operand of operands) {
      const value = given(operand);
      if (value && !ORDERED.has(typeOf(value))) wrongType(what, operator, typeOf(value));
    }
  };
  switch (condition.kind) {
    case 'and':
    case 'or':
      requireSense(what, condition.left, scope);
      requireSense(what, condition.right, scope);
      return;
    case 'not':
      requireSense(what, condition.of, scope);
      return;
    case 'compare':
      requireDistinct(what, condition.operator, condition.left, [condition.right], scope);
      if (condition.operator !== '=' && condition.operator !== '<>')
        requireOrdered(condition.operator, condition.left, condition.right);
      return;
    case 'between': {
      requireDistinct(what, 'BETWEEN', condition.of, [condition.low, condition.high], scope);
      requireOrdered('BETWEEN', condition.of, condition.low, condition.high);
      const [low, high] = [given(condition.low), given(condition.high)];
      if (!low || !high) return;
      const order = compareValues(low, high);
      if (order === undefined)
        throw invalid(
          `Invalid ${what}: The BETWEEN operator requires same data type for lower and upper bounds; lower bound operand: AttributeValue: ${show(low)}, upper bound operand: AttributeValue: ${show(high)}`,
        );
      if (order > 0)
        throw invalid(
          `Invalid ${what}: The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound operand: AttributeValue: ${show(low)}, upper bound operand: AttributeValue: ${show(high)}`,
        );
      return;
    }
    case 'in':
      requireDistinct(what, 'IN', condition.of, condition.among, scope);
      return;
    case 'exists':
      return;
    case 'type': {
      const type = given(condition.right);
      if (type && !('S' in type)) wrongType(what, 'attribute_type', typeOf(type));
      if (type && 'S' in type && !TYPES.has(type.S))
        throw invalid(
          `Invalid ${what}: Invalid attribute type name found; type: ${type.S}, valid types: {${[...TYPES].join(',')}}`,
        );
      requireDistinct(what, 'attribute_type', condition.left, [condition.right], scope);
      return;
    }
    case 'begins': {
      for (const operand of [condition.left, condition.right]) {
        const value = given(operand);
        const type = operand.kind === 'size' ? 'N' : value && typeOf(value);
        if (type !== undefined && type !== 'S') wrongType(what, 'begins_with', type, ' or function');
      }
      requireDistinct(what, 'begins_with', condition.left, [condition.right], scope);
      return;
    }
    case 'contains':
      requireDistinct(what, 'contains', condition.left, [condition.right], scope);
      return;
  }
};

const wrongType = (what: string, operator: string, type: string, or = ''): never => {
  throw invalid(
    `Invalid ${what}: Incorrect operand type for operator or function; operator${or}: ${operator}, operand type: ${type}`,
  );
};

const show = (value: Value): string => {
  const type = typeOf(value);
  return `{${type}:${'S' in value ? value.S : 'N' in value ? value.N : JSON.stringify(value)}}`;
};

const requireDistinct = (
  what: string,
  operator: string,
  first: Operand,
  rest: readonly Operand[],
  { names }: Scope,
): void => {
  // Two sizes are never taken for the same.
  const identity = (operand: Operand): string | undefined => {
    if (operand.kind === 'value') return operand.name;
    return operand.kind === 'path' ? showPath(resolvePath(operand.path, names)) : undefined;
  };
  const mine = identity(first);
  if (mine !== undefined && rest.some((each) => identity(each) === mine))
    throw invalid(
      `Invalid ${what}: The first operand must be distinct from the remaining operands for this operator or function; operator: ${operator}, first operand: ${mine}`,
    );
};
