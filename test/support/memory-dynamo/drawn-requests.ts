import fc from 'fast-check';

/** One request as it is drawn: the key of each item is put in by whoever sends it. */
export interface Drawn {
  readonly operation: 'PutItem' | 'UpdateItem' | 'DeleteItem' | 'GetItem' | 'TransactWriteItems';
  readonly parts: readonly DrawnPart[];
  readonly returns?: string;
  readonly token?: number;
}

export interface DrawnPart {
  readonly kind: 'Put' | 'Update' | 'Delete' | 'ConditionCheck' | 'Get';
  readonly key: number;
  readonly fields: Readonly<Record<string, unknown>>;
}

type Wire = Readonly<Record<string, unknown>>;

const texts = fc.constantFrom('', 'a', 'ab', 'b', 'ba', 'é', '😀', '\uffee', 'S');
const numbers = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.constantFrom('0', '1', '2', '-2', '10', '1.5', '1.50', '1e3', '0.1', '0.7', '-0'),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '99999999999999999999999999999999999999',
      '123456789012345678901234567890.12345678',
      '9.9e125',
      '1e-130',
      '1e126',
      '0.000000000000000000000000000000000000001',
      '100000000000000000000000000000000000001.5',
    ),
  },
);

const { value: values } = fc.letrec<{ value: Wire; list: Wire; map: Wire }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    { weight: 3, arbitrary: texts.map((S) => ({ S })) },
    { weight: 5, arbitrary: numbers.map((N) => ({ N })) },
    fc.boolean().map((BOOL) => ({ BOOL })),
    fc.constant({ NULL: true }),
    fc.uniqueArray(texts, { minLength: 1, maxLength: 3 }).map((SS) => ({ SS })),
    fc
      .uniqueArray(fc.constantFrom('1', '2', '3.5', '10'), { minLength: 1, maxLength: 3 })
      .map((NS) => ({ NS })),
    tie('list'),
    tie('map'),
  ),
  list: fc.array(tie('value'), { maxLength: 3 }).map((L) => ({ L })),
  map: fc.dictionary(fc.constantFrom('x', 'y', 'z'), tie('value'), { maxKeys: 3 }).map((M) => ({ M })),
}));

const items = fc.dictionary(fc.constantFrom('a', 'b', 'n', 'm', 'l', 's', 't'), values, { maxKeys: 5 });
const paths = fc.constantFrom(
  ...[
    'a',
    'b',
    'n',
    'n',
    'm',
    'l',
    's',
    't',
    '#n',
    '#a',
    'm.x',
    'm.y',
    'm.x.y',
    'm.#x',
    'l[0]',
    'l[1]',
    'l[3]',
  ],
  ...['l[0].x', 'm.x[0]', 'gone', 'gone.x'],
);

const NAMES: Readonly<Record<string, string>> = { '#n': 'n', '#a': 'a', '#x': 'x' };

/** Text with the values that it names. */
interface Piece {
  readonly text: string;
  readonly given: readonly Wire[];
}

/** Joins pieces; `?` stands for a value, to be numbered at the end. */
const glue = (...parts: readonly (string | Piece)[]): Piece => ({
  text: parts.map((part) => (typeof part === 'string' ? part : part.text)).join(''),
  given: parts.flatMap((part) => (typeof part === 'string' ? [] : part.given)),
});

const pathPieces = paths.map((text): Piece => ({ text, given: [] }));
const valuePieces = values.map((value): Piece => ({ text: '?', given: [value] }));
const numberPieces = numbers.map((N): Piece => ({ text: '?', given: [{ N }] }));
const operands = fc.oneof(
  { weight: 3, arbitrary: pathPieces },
  { weight: 3, arbitrary: valuePieces },
  { weight: 2, arbitrary: numberPieces },
  { weight: 1, arbitrary: pathPieces.map((path) => glue('size(', path, ')')) },
);
const subjects = fc.oneof({ weight: 4, arbitrary: pathPieces }, { weight: 1, arbitrary: operands });

const { condition: conditions } = fc.letrec<{ condition: Piece; single: Piece }>((tie) => ({
  single: fc.oneof(
    {
      weight: 4,
      arbitrary: fc
        .tuple(subjects, fc.constantFrom('=', '<>', '<', '<=', '>', '>='), operands)
        .map(([a, o, b]) => glue(a, ` ${o} `, b)),
    },
    fc.tuple(subjects, operands, operands).map(([a, b, c]) => glue(a, ' BETWEEN ', b, ' AND ', c)),
    fc.tuple(subjects, operands, operands).map(([a, b, c]) => glue(a, ' IN (', b, ', ', c, ')')),
    fc
      .tuple(fc.constantFrom('attribute_exists', 'attribute_not_exists'), pathPieces)
      .map(([f, a]) => glue(`${f}(`, a, ')')),
    fc
      .tuple(fc.constantFrom('begins_with', 'contains'), subjects, operands)
      .map(([f, a, b]) => glue(`${f}(`, a, ', ', b, ')')),
    fc
      .tuple(pathPieces, fc.constantFrom('S', 'N', 'L', 'M', 'SS', 'BOOL', 'NULL', 'X'))
      .map(([a, S]) => glue('attribute_type(', a, ', ', { text: '?', given: [{ S }] }, ')')),
  ),
  condition: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'condition' },
    { weight: 3, arbitrary: tie('single') },
    fc
      .tuple(tie('condition'), fc.constantFrom('AND', 'OR'), tie('condition'))
      .map(([a, o, b]) => glue(a, ` ${o} `, b)),
    tie('condition').map((a) => glue('NOT ', a)),
    tie('condition').map((a) => glue('(', a, ')')),
  ),
}));

const terms = fc.oneof(
  { weight: 3, arbitrary: valuePieces },
  { weight: 2, arbitrary: numberPieces },
  { weight: 2, arbitrary: pathPieces },
  fc
    .tuple(pathPieces, fc.oneof(valuePieces, numberPieces, pathPieces))
    .map(([a, b]) => glue('if_not_exists(', a, ', ', b, ')')),
  fc
    .tuple(fc.oneof(pathPieces, valuePieces), fc.oneof(pathPieces, valuePieces))
    .map(([a, b]) => glue('list_append(', a, ', ', b, ')')),
);
const sums = fc.oneof(
  { weight: 2, arbitrary: terms },
  fc
    .tuple(fc.oneof(pathPieces, numberPieces), fc.constantFrom('+', '-'), fc.oneof(numberPieces, terms))
    .map(([a, o, b]) => glue(a, ` ${o} `, b)),
);
const listed = (one: fc.Arbitrary<Piece>, word: string) =>
  fc
    .array(one, { minLength: 1, maxLength: 2 })
    .map((all) =>
      all.slice(1).reduce((text, next) => glue(text, ', ', next), glue(`${word} `, all[0] ?? '')),
    );
const updates = fc
  .tuple(
    fc.option(
      listed(
        fc.tuple(pathPieces, sums).map(([a, b]) => glue(a, ' = ', b)),
        'SET',
      ),
    ),
    fc.option(listed(pathPieces, 'REMOVE'), { freq: 2 }),
    fc.option(
      listed(
        fc.tuple(pathPieces, fc.oneof(numberPieces, valuePieces)).map(([a, b]) => glue(a, ' ', b)),
        'ADD',
      ),
      { freq: 2 },
    ),
    fc.option(
      listed(
        fc.tuple(pathPieces, valuePieces).map(([a, b]) => glue(a, ' ', b)),
        'DELETE',
      ),
      { freq: 2 },
    ),
  )
  .map((sections) => sections.filter((each) => each !== null))
  .filter((sections) => sections.length > 0)
  .map(([first, ...rest]) => rest.reduce((text, next) => glue(text, ' ', next), first ?? glue('')));

/** The expressions as fields of a request, with what their placeholders stand for. */
const written = (expressions: Readonly<Record<string, Piece | undefined>>): Wire => {
  const given: Record<string, Wire> = {};
  const names: Record<string, string> = {};
  const fields: Record<string, unknown> = {};
  for (const [field, piece] of Object.entries(expressions)) {
    if (!piece) continue;
    let at = 0;
    fields[field] = piece.text.replaceAll('?', () => {
      const name = `:v${Object.keys(given).length}`;
      given[name] = piece.given[at] ?? {};
      at += 1;
      return name;
    });
    for (const name of piece.text.match(/#\w/g) ?? []) names[name] = NAMES[name] ?? name;
  }
  return {
    ...fields,
    ...(Object.keys(given).length > 0 && { ExpressionAttributeValues: given }),
    ...(Object.keys(names).length > 0 && { ExpressionAttributeNames: names }),
  };
};

const keys = fc.nat({ max: 2 });
const maybe = fc.option(conditions, { nil: undefined, freq: 2 });
const tells = fc.constantFrom({}, { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' });
const puts = fc.tuple(keys, items, maybe, tells).map(
  ([key, Item, condition, told]): DrawnPart => ({
    kind: 'Put',
    key,
    fields: { Item, ...told, ...written({ ConditionExpression: condition }) },
  }),
);
const updating = fc.tuple(keys, updates, maybe, tells).map(
  ([key, update, condition, told]): DrawnPart => ({
    kind: 'Update',
    key,
    fields: { ...told, ...written({ UpdateExpression: update, ConditionExpression: condition }) },
  }),
);
const deletes = fc.tuple(keys, maybe, tells).map(
  ([key, condition, told]): DrawnPart => ({
    kind: 'Delete',
    key,
    fields: { ...told, ...written({ ConditionExpression: condition }) },
  }),
);
const checks = fc.tuple(keys, conditions, tells).map(
  ([key, condition, told]): DrawnPart => ({
    kind: 'ConditionCheck',
    key,
    fields: { ...told, ...written({ ConditionExpression: condition }) },
  }),
);
const projections = fc
  .uniqueArray(paths, { minLength: 1, maxLength: 3 })
  .map((all): Piece => ({ text: all.join(', '), given: [] }));
const gets = fc.tuple(keys, fc.option(projections, { nil: undefined })).map(
  ([key, projection]): DrawnPart => ({
    kind: 'Get',
    key,
    fields: written({ ProjectionExpression: projection }),
  }),
);

const OLD_OR_NEW = ['NONE', 'ALL_OLD', 'ALL_NEW', 'UPDATED_OLD', 'UPDATED_NEW'];

/** Requests of every kind about three items, sensible and not. */
export const drawnRequests: fc.Arbitrary<Drawn> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .tuple(puts, fc.constantFrom('NONE', 'ALL_OLD'))
      .map(([part, returns]): Drawn => ({ operation: 'PutItem', parts: [part], returns })),
  },
  {
    weight: 6,
    arbitrary: fc
      .tuple(updating, fc.constantFrom(...OLD_OR_NEW))
      .map(([part, returns]): Drawn => ({ operation: 'UpdateItem', parts: [part], returns })),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(deletes, fc.constantFrom('NONE', 'ALL_OLD'))
      .map(([part, returns]): Drawn => ({ operation: 'DeleteItem', parts: [part], returns })),
  },
  { weight: 2, arbitrary: gets.map((part): Drawn => ({ operation: 'GetItem', parts: [part] })) },
  {
    weight: 4,
    arbitrary: fc
      .tuple(
        fc.uniqueArray(fc.oneof(puts, updating, deletes, checks), {
          minLength: 1,
          maxLength: 3,
          selector: ({ key }) => key,
        }),
        fc.nat({ max: 5 }),
      )
      .map(([parts, token]): Drawn => ({ operation: 'TransactWriteItems', parts, token })),
  },
);
