import * as z from 'zod';
import { readBody } from './alert-body.ts';
import { type AlertProblem, readNumber } from './alert-fields.ts';
import { type Json, type JsonObject, parseJson, positionOf } from './alert-json.ts';
import { holdsSecret, shownKey } from './alert-keys.ts';
import { Mode } from './strategy.ts';

const MOST_REASON = 500;
const MOST_NAME = 128;
const MOST_ID = 64;

const text = (most: number, missing: string) =>
  z
    .string({ error: ({ input }) => (input === undefined ? missing : 'must be text') })
    .trim()
    .min(1, 'must not be empty')
    .max(most, `has more than ${most} characters`)
    .refine((value) => value.isWellFormed(), 'holds half a character (a lone surrogate)');

const flag = z.boolean('must be true or false, without quotes').optional();

/** A decimal by its digits, whether it was written as text or as a JSON number. */
const amount = (missing: string, zero: boolean) =>
  z
    .string({ error: ({ input }) => (input === undefined ? missing : 'must be a number such as "1.5"') })
    .transform((value, context) => {
      const read = readNumber(value, { zero });
      if (read.ok) return read.value;
      context.addIssue(read.message);
      return z.NEVER;
    });

/** Coins that go into a position by hand. */
const Adopt = z.strictObject(
  {
    strategy: text(MOST_NAME, 'is missing: the strategy that gets the coins'),
    symbol: text(MOST_NAME, 'is missing: as the exchange spells it, such as SOLUSDT'),
    /** Base. */
    quantity: amount('is missing: how many coins, such as "1.5"', false),
    /** What they cost, quote; without it they count as free. */
    cost: amount('', true).optional(),
    /** Of the operator's choice: the same one adopts once. */
    id: text(MOST_ID, '').optional(),
  },
  'must be an object: {"strategy", "symbol", "quantity", "cost"?, "id"?}',
);
export type AdoptRequest = z.infer<typeof Adopt>;

/** A change of the balance that the operator knows the cause of, which is the request's `reason`. */
const Explain = z.strictObject(
  { id: text(MOST_NAME, 'is missing: the id of the remainder, as GET /balances shows it') },
  'must be an object: {"id"}',
);

const NOTHING = `is missing: one of ${Mode.options.join(', ')}; or cancelAll, flatten, adopt or explain`;

const Control = z.strictObject({
  mode: z.enum(Mode.options, `must be one of ${Mode.options.join(', ')}`).optional(),
  /** Absent: all, those to come included. */
  strategies: z
    .array(text(MOST_NAME, 'must be text'), 'must be a list of names; leave it out for all strategies')
    .min(1, 'names nobody: leave it out for all strategies')
    .optional(),
  cancelAll: flag,
  flatten: flag,
  adopt: Adopt.optional(),
  explain: Explain.optional(),
  reason: text(MOST_REASON, 'is missing: why this is done; it is kept and shown'),
});
export type ControlRequest = z.infer<typeof Control>;

export type ControlReading =
  | { readonly ok: true; readonly request: ControlRequest }
  | {
      readonly ok: false;
      readonly status: 400 | 413 | 415 | 422;
      readonly code: string;
      readonly message: string;
      readonly details?: readonly AlertProblem[];
    };

/**
 * Reads the body of `PUT /control`, or says everything that is wrong with it at once.
 * @param body the bytes as sent, after base64 decoding
 * @param secrets no path and no message holds a piece of them
 */
export const readControlRequest = (
  body: { readonly contentType: string | undefined; readonly body: Uint8Array },
  secrets: readonly string[],
): ControlReading => {
  const read = readBody(body);
  if (!read.ok)
    return read.status === 400 ? notJson('The body is not UTF-8 text.') : { ...read, message: read.message };
  const parsed = parseJson(read.text);
  if (!parsed.ok) {
    const { line, column } = positionOf(read.text, parsed.offset);
    return notJson(`The body is not valid JSON: line ${line}, column ${column}.`);
  }
  const { value } = parsed;
  if (value === null || typeof value !== 'object' || value.kind !== 'object')
    return notJson('The body is JSON, but not an object.');

  const problems: AlertProblem[] = [];
  const plain = membersOf(value, '', (path) =>
    problems.push({ path: shownKey(path, secrets), message: 'is given more than once' }),
  );
  const request = Control.safeParse(plain);
  problems.push(
    ...(request.error?.issues ?? []).flatMap((issue) => problemsOf(issue, secrets)),
    ...problemsTogether(plain),
  );
  for (const [path, words] of request.success ? textsIn(request.data) : [])
    if (words !== undefined && holdsSecret(words, secrets))
      problems.push({ path, message: 'holds the token, which belongs into the header only' });
  return request.success && problems.length === 0
    ? { ok: true, request: request.data }
    : {
        ok: false,
        status: 422,
        code: 'invalid',
        message: `Nothing was changed: ${problems.length === 1 ? 'one problem' : `${problems.length} problems`}, each named in details.`,
        details: problems,
      };
};

/** Everything of a request that is stored, logged or answered. */
const textsIn = ({
  reason,
  strategies = [],
  adopt,
  explain,
}: ControlRequest): [path: string, string | undefined][] => [
  ['reason', reason],
  ...strategies.map((name, index): [string, string] => [`strategies.${index}`, name]),
  ['adopt.strategy', adopt?.strategy],
  ['adopt.symbol', adopt?.symbol],
  ['adopt.id', adopt?.id],
  ['explain.id', explain?.id],
];

/** What the fields say together, whatever is wrong with each of them. */
const problemsTogether = ({
  mode,
  strategies,
  cancelAll,
  flatten,
  adopt,
  explain,
}: Members): AlertProblem[] => {
  const forStrategies = [mode, cancelAll, flatten].some((value) => value !== undefined && value !== false);
  const problems: AlertProblem[] = [];
  if (!forStrategies && adopt === undefined && explain === undefined)
    problems.push({ path: 'mode', message: NOTHING });
  if (!forStrategies && adopt !== undefined && strategies !== undefined) {
    const message = 'says whom mode, cancelAll and flatten are for, and none of them is given';
    problems.push({ path: 'strategies', message });
  }
  if (flatten === true && mode === 'ACTIVE') {
    const message = 'a flatten ends in HALTED: leave mode out, and re-arm when it is done';
    problems.push({ path: 'mode', message });
  }
  if (flatten === true && adopt !== undefined) {
    const message = 'what is adopted now would be sold at once: send it in a request of its own';
    problems.push({ path: 'adopt', message });
  }
  if (explain !== undefined && (forStrategies || adopt !== undefined)) {
    const message = 'has a reason of its own: send it in a request of its own';
    problems.push({ path: 'explain', message });
  }
  return problems;
};

const notJson = (message: string): ControlReading => ({ ok: false, status: 400, code: 'not_json', message });

const problemsOf = (issue: z.core.$ZodIssue, secrets: readonly string[]): AlertProblem[] => {
  const at = issue.path.map(String);
  const pathTo = (...keys: string[]): string => shownKey([...at, ...keys].join('.'), secrets);
  if (issue.code !== 'unrecognized_keys') return [{ path: pathTo(), message: issue.message }];
  const shapes: Readonly<Record<string, object>> = { adopt: Adopt.shape, explain: Explain.shape };
  const known = Object.keys(shapes[at[0] ?? ''] ?? Control.shape).join(', ');
  return issue.keys.map((key) => ({ path: pathTo(key), message: `is no field here: ${known} are` }));
};

type Members = Readonly<Record<string, unknown>>;
type Repeats = (path: string) => void;

/** Plain values for the schema: numbers as the text they were written as, `null` as absent. */
const plainOf = (value: Json, path: string, repeats: Repeats): unknown => {
  if (value === null) return undefined;
  if (typeof value !== 'object') return value;
  if (value.kind === 'number') return value.source;
  if (value.kind === 'array') return value.items.map((item) => plainOf(item, path, repeats));
  return membersOf(value, path, repeats);
};

const membersOf = ({ members }: JsonObject, path: string, repeats: Repeats): Members => {
  const seen = new Map<string, unknown>();
  for (const [key, member] of members) {
    const at = path === '' ? key : `${path}.${key}`;
    if (seen.has(key)) repeats(at);
    seen.set(key, plainOf(member, at, repeats));
  }
  return Object.fromEntries(seen);
};
