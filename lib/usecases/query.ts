import * as z from 'zod';
import { AppError } from '../domain/errors.ts';

/** A question of the caller's that cannot be answered as asked. */
export class BadQueryError extends AppError {
  readonly path: string;

  constructor(path: string, message: string) {
    super('invalid', message);
    this.path = path;
  }
}

/** What is wrong with the parameters of a question, from the schema that refused them. */
export const badQuery = (error: z.ZodError, known?: string): BadQueryError => {
  const [issue] = error.issues;
  if (issue?.code === 'unrecognized_keys') {
    const hint = known === undefined ? '' : `; ${known} are`;
    return new BadQueryError(issue.keys[0] ?? '', `is not a parameter of this listing${hint}`);
  }
  return new BadQueryError(issue?.path.join('.') ?? '', issue?.message ?? 'is wrong');
};

const TIME_HINT = 'must be a time such as 2026-11-22 or 2026-11-22T10:00:00Z, or epoch milliseconds';

/** A time as a parameter, to epoch ms. */
export const Time = z.string().transform((text, context) => {
  const ms = /^\d{12,14}$/.test(text) ? Number(text) : Date.parse(text);
  if (Number.isFinite(ms)) return ms;
  context.addIssue(TIME_HINT);
  return z.NEVER;
});

/** Where a page ended, all text. */
const Cursor = z.record(z.string(), z.string());

export const writeCursor = (key: Record<string, string>): string =>
  Buffer.from(JSON.stringify(key), 'utf8').toString('base64url');

/**
 * @param form what each part of it must look like
 * @throws BadQueryError for anything that `writeCursor` did not make
 */
export const readCursor = (
  text: string,
  form: Readonly<Record<string, RegExp>>,
): Readonly<Record<string, string>> => {
  const parts = Object.entries(form);
  try {
    const cursor = Cursor.parse(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
    const isWhole = parts.every(
      ([part, looks]) => Object.hasOwn(cursor, part) && looks.test(cursor[part] ?? ''),
    );
    if (isWhole && Object.keys(cursor).length === parts.length) return cursor;
  } catch {
    // No JSON at all: the same mistake.
  }
  throw new BadQueryError('cursor', 'is not a cursor of this listing: use the answer\'s "next" as it is');
};
