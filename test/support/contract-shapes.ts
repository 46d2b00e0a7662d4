import fc from 'fast-check';
import * as z from 'zod';
import { DecimalText } from '../../lib/domain/money.ts';

/** Digits as alerts may bring them: 20 before the point, 18 after. */
const decimals: fc.Arbitrary<string> = fc
  .tuple(
    fc.boolean(),
    fc.bigInt({ min: 0n, max: 10n ** 20n - 1n }),
    fc.option(fc.bigInt({ min: 0n, max: 10n ** 18n - 1n }), { nil: undefined }),
  )
  .map(
    ([minus, whole, rest]) =>
      `${minus ? '-' : ''}${whole}${rest === undefined ? '' : `.${String(rest).padStart(18, '0')}`}`,
  );

const text = (least: number) => fc.string({ unit: 'grapheme', minLength: least, maxLength: 12 });
/** Names of attributes: what tables and plain objects can hold (see `readInfo`), odd ones too. */
const names = fc.oneof(
  { weight: 9, arbitrary: text(1).filter((name) => name !== '__proto__') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('constructor', 'toString', 'length', 'N', 'S', 'M', '0', 'a.b', '#'),
  },
);
/** Far into the next century, as milliseconds; also every count and number. */
const LATEST = 4_102_444_800_000;

/** Values of a schema, drawn from its shape: a field that is added there is drawn here. */
export const valuesOf = (schema: z.core.$ZodType): fc.Arbitrary<unknown> => {
  if (schema === DecimalText) return decimals;
  if (schema instanceof z.ZodDefault) return valuesOf(schema.unwrap());
  if (schema instanceof z.ZodObject) {
    const shape: Record<string, z.core.$ZodType> = schema.shape;
    const entries = Object.entries(shape);
    return fc.record(
      Object.fromEntries(
        entries.map(([key, each]) => [key, valuesOf(each instanceof z.ZodOptional ? each.unwrap() : each)]),
      ),
      {
        requiredKeys: entries.filter(([, each]) => !(each instanceof z.ZodOptional)).map(([key]) => key),
        noNullPrototype: true,
      },
    );
  }
  if (schema instanceof z.ZodEnum) return fc.constantFrom(...schema.options);
  if (schema instanceof z.ZodBoolean) return fc.boolean();
  if (schema instanceof z.ZodString) return text(schema.minLength ?? 0);
  if (schema instanceof z.ZodNumber) {
    const least = Math.max(0, schema.minValue ?? 0);
    return schema.isInt
      ? fc.oneof(fc.integer({ min: least, max: least + 99 }), fc.integer({ min: least, max: LATEST }))
      : fc.integer({ min: -LATEST, max: LATEST }).map((thousandths) => thousandths / 1000);
  }
  if (schema instanceof z.ZodArray) return fc.array(valuesOf(schema.element), { maxLength: 4 });
  if (schema instanceof z.ZodRecord)
    return fc.dictionary(names, valuesOf(schema.valueType), { maxKeys: 4, noNullPrototype: true });
  if (schema instanceof z.ZodUnion) return fc.oneof(...schema.options.map(valuesOf));
  throw new Error(`no values for ${schema._zod.def.type}: teach them here`);
};

/** The same with some fields fixed: keys that tables cannot do without, versions that a first write has. */
export const sampled = <Schema extends z.ZodObject>(
  schema: Schema,
  fixed: Record<string, unknown>,
): fc.Arbitrary<z.output<Schema>> =>
  valuesOf(schema).map((value) => schema.parse({ ...z.looseObject({}).parse(value), ...fixed }));
