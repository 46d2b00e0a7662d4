import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import { removeFolder } from '../support/local-folders.ts';
import { type Local, realAssembly, startLocal } from '../support/local-stack.ts';
import { allOrders, deliver, filledIn, simulator } from '../support/webhook.ts';

interface Row {
  readonly name: string;
  readonly contentType?: string;
  readonly authorization?: string;
  readonly body?: string;
  readonly bodyBase64?: string;
  readonly generate?: readonly { readonly text: string; readonly times: number }[];
  readonly status: number;
  readonly code: string;
  readonly paths: readonly string[];
}

const rows: Row[] = JSON.parse(readFileSync(new URL('../support/bad-alerts.json', import.meta.url), 'utf8'));
/** As long and random as a real one, so that a piece of it anywhere is no accident. */
const TOKEN = randomBytes(24).toString('base64url');
/** Length of what counts as a piece; the pieces that rows plant in keys are one shorter, since keys are kept. */
const PIECE = 8;

const bodyOf = (row: Row): Uint8Array => {
  if (row.bodyBase64 !== undefined) return Buffer.from(row.bodyBase64, 'base64');
  const text = row.body ?? (row.generate ?? []).map(({ text, times }) => text.repeat(times)).join('');
  return Buffer.from(
    filledIn(text)
      .replaceAll('demo-token', TOKEN)
      .replaceAll(/demo-tok/gi, TOKEN.slice(0, PIECE - 1)),
    'utf8',
  );
};

const piecesOfToken = (text: string): string[] =>
  Array.from({ length: TOKEN.length - PIECE + 1 }, (_, at) => TOKEN.slice(at, at + PIECE)).filter((piece) =>
    text.includes(piece),
  );

describe('bad input over HTTP', () => {
  let assembly: string;
  let local: Local;
  const answers: { row: Row; status: number; text: string; id?: string }[] = [];

  before(async () => {
    assembly = await realAssembly();
    local = await startLocal({ assembly, env: { WEBHOOK_TOKENS: JSON.stringify({ demo: TOKEN }) } });
    for (const row of rows) {
      const { status, text, json } = await deliver(local, bodyOf(row), {
        ...(row.contentType !== undefined && { 'content-type': row.contentType }),
        ...(row.authorization !== undefined && {
          authorization: row.authorization.replaceAll('demo-token', TOKEN),
        }),
      });
      answers.push({ row, status, text, id: json.id });
    }
  });
  after(async () => {
    await local.stop();
    removeFolder(assembly);
  });

  test(`each of ${rows.length} bodies gets the status, the code and every path it must`, () => {
    const wrong = answers.flatMap(({ row, status, text }) => {
      const { error } = JSON.parse(text);
      const paths = [
        ...new Set((error?.details ?? []).map((detail: { path: string }) => detail.path)),
      ].sort();
      const got = {
        status,
        code: error?.code,
        paths: row.code === 'stale' || row.status === 422 ? paths : [],
      };
      const want = { status: row.status, code: row.code, paths: [...row.paths].sort() };
      return JSON.stringify(got) === JSON.stringify(want) ? [] : [{ name: row.name, want, got }];
    });
    assert.deepEqual(wrong, []);
  });

  test('nothing is sent', async () => {
    const journal = await simulator(local.exchangeControlUrl, '/journal');
    assert.deepEqual(
      journal.filter((entry: { method: string }) => entry.method !== 'GET'),
      [],
    );
  });

  test('every authenticated alert is kept as refused, and no other', async () => {
    const orders = await allOrders(local);
    const kept = new Set(orders.map((order) => order.id));
    const answered = new Set(
      answers.flatMap(({ status, id }) => (status === 422 && id !== undefined ? [id] : [])),
    );

    assert.deepEqual(new Set(orders.map((order) => order.state)), new Set(['refused', 'expired']));
    assert.deepEqual(kept, answered);
  });

  test('all unauthorized answers are the same bytes', () => {
    assert.equal(new Set(answers.filter(({ status }) => status === 401).map(({ text }) => text)).size, 1);
  });

  test('no piece of the token stands in an answer, a log line or the ledger', async () => {
    const shown = answers.map(({ text }) => text).join('\n');
    const stored = JSON.stringify(await Promise.all((await allOrders(local)).map(({ id }) => readOne(id))));

    assert.deepEqual(piecesOfToken(shown), []);
    assert.deepEqual(piecesOfToken(readFileSync(local.logFile, 'utf8')), []);
    assert.deepEqual(piecesOfToken(stored), []);
    assert.deepEqual(piecesOfToken(await rawItems()), []);
  });

  /** The table as the engine has it, attributes that no answer shows included. */
  const rawItems = async (): Promise<string> => {
    const client = new DynamoDBClient({
      endpoint: local.engine.endpoint,
      region: 'ap-northeast-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    });
    let items = '';
    for await (const page of paginateScan({ client }, { TableName: 'Orders' }))
      items += JSON.stringify(page.Items);
    client.destroy();
    return items;
  };

  const readOne = async (id: string): Promise<unknown> => {
    const response = await fetch(`${local.url}/orders/${id}`, {
      headers: { authorization: `Bearer ${local.readToken}` },
    });
    return response.json();
  };
});
