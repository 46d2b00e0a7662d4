import * as fc from 'fast-check';

/** `fc.assert` for properties that are not asynchronous: its overloads make the linter see a floating promise. */
export const always: <T>(property: fc.IProperty<T>, parameters?: fc.Parameters<T>) => void = fc.assert;
