import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as z from 'zod';
import { readAlert } from '../../../lib/domain/alert.ts';
import { credentialsOf, readBody, readJson, storableText, timeOf } from '../../../lib/domain/alert-body.ts';
import { checkAge } from '../../../lib/domain/alert-time.ts';
import table from '../../support/bad-alerts.json' with { type: 'json' };

const NOW = Date.UTC(2026, 10, 22, 10, 0, 7, 345);
const TOKEN = 'demo-token';

const iso = (time: number): string => `${new Date(time).toISOString().slice(0, 19)}Z`;
const filled = (text: string): string =>
  text
    .replaceAll('<<NOW>>', iso(NOW))
    .replaceAll('<<NOW_MS>>', String(NOW))
    .replaceAll('<<NOW-4h>>', iso(NOW - 4 * 3_600_000))
    .replaceAll('<<NOW+60s>>', iso(NOW + 60_000));

const Row = z.strictObject({
  name: z.string(),
  contentType: z.string().optional(),
  authorization: z.string().optional(),
  body: z.string().optional(),
  bodyBase64: z.string().optional(),
  generate: z.array(z.strictObject({ text: z.string(), times: z.int() })).optional(),
  status: z.int(),
  code: z.string(),
  paths: z.array(z.string()),
});
type Row = z.infer<typeof Row>;

const bytesOf = (row: Row): Uint8Array => {
  if (row.bodyBase64 !== undefined) return Buffer.from(row.bodyBase64, 'base64');
  const text = row.body ?? row.generate?.map((part) => part.text.repeat(part.times)).join('');
  assert.ok(text !== undefined, 'a row has a body, a bodyBase64 or a generate');
  return Buffer.from(filled(text));
};

interface Answer {
  readonly status: number;
  readonly code: string;
  readonly paths: readonly string[];
  readonly shown: string;
}

/** The checks of the webhook in their order, as far as they need nothing stored. */
const answer = (row: Row): Answer => {
  const plain = (fault: { status: number; code: string; message: string }) => ({
    ...fault,
    paths: [],
    shown: fault.message,
  });
  const body = readBody({ contentType: row.contentType, body: bytesOf(row) });
  if (!body.ok) return plain(body);
  const json = readJson(body.text);
  if (!json.ok) return plain(json);
  const { strategy, token } = credentialsOf(json.raw, row.authorization);
  if (strategy !== 'demo' || token !== TOKEN) {
    return plain({ status: 401, code: 'unauthorized', message: '' });
  }
  const time = timeOf(json.raw);
  const stale = time === undefined ? undefined : checkAge(time, NOW, 60);
  if (stale) return { status: 422, code: 'stale', paths: [stale.path], shown: JSON.stringify(stale) };
  const settings = { symbolAliases: {}, shortAs: 'flat', undated: false } as const;
  const alert = readAlert(json.raw, settings, [TOKEN]);
  if (alert.ok) return { status: 200, code: 'ok', paths: [], shown: '' };
  const shown = JSON.stringify(alert.problems) + storableText(json.raw, [TOKEN]);
  return { status: 422, code: 'invalid', paths: alert.problems.map((problem) => problem.path), shown };
};

test('Every bad alert of the table is refused as the table says, and no answer shows the token', () => {
  const rows = z.array(Row).parse(table);

  const wrong = rows.flatMap((row) => {
    const { status, code, paths, shown } = answer(row);
    const actual = { status, code, paths: [...new Set(paths)].sort() };
    const expected = { status: row.status, code: row.code, paths: [...row.paths].sort() };
    const leak = shown.includes(TOKEN) ? ['shows the token'] : [];
    return JSON.stringify(actual) === JSON.stringify(expected) && leak.length === 0
      ? []
      : [{ name: row.name, actual, expected, leak }];
  });

  assert.deepEqual(wrong, []);
});
