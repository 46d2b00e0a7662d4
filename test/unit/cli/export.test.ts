import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Answering, serveJson } from '../../support/answering.ts';
import { runMexc } from '../../support/cli.ts';
import { orderAnswer } from '../../support/order-answers.ts';

const environmentOf = ({ url }: Answering) => ({ MEXC_URL: url, MEXC_READ_TOKEN: 'x' });

const orders = Array.from({ length: 25 }, (_, n) => {
  const createdAt = new Date(Date.UTC(2026, n % 5, 1 + n, n)).toISOString();
  return orderAnswer({
    id: `m${n}`,
    createdAt,
    reason: n === 7 ? '=HYPERLINK("http://evil")' : 'so, "it" is',
  });
});
const oldestFirst = orders.map(({ createdAt }) => createdAt).sort();

/** The listing of a stack: newest first, three a page. */
const listing = (asked: string[]) => (path: string, query: URLSearchParams) => {
  assert.equal(path, '/orders');
  asked.push(query.get('from') ?? '');
  const [from, to, cursor] = ['from', 'to', 'cursor'].map((name) => query.get(name) ?? '');
  const found = orders
    .filter(({ createdAt }) => createdAt >= (from ?? '') && createdAt < (to ?? ''))
    .sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
  const start = Number(cursor);
  return {
    orders: found.slice(start, start + 3),
    ...(start + 3 < found.length && { next: String(start + 3) }),
  };
};

test('an export has every order of the range once, oldest first, over all pages and months', async () => {
  const asked: string[] = [];
  const server = await serveJson(listing(asked));
  try {
    const args = ['export', 'orders', '--from', '2026-01-01', '--to', '2026-06-15'];
    const { status, json } = await runMexc([...args, '--json'], { environment: environmentOf(server) });

    assert.equal(status, 0);
    assert.deepEqual(
      json.map(({ createdAt }) => createdAt),
      oldestFirst,
    );
    assert.equal(new Set(asked).size, 6);
  } finally {
    await server.close();
  }
});

test('the moment that ends a range is not in it', async () => {
  const server = await serveJson(listing([]));
  try {
    const args = ['export', 'orders', '--from', oldestFirst[3] ?? '', '--to', oldestFirst[9] ?? '', '--json'];
    const { json } = await runMexc(args, { environment: environmentOf(server) });
    assert.deepEqual(
      json.map(({ createdAt }) => createdAt),
      oldestFirst.slice(3, 9),
    );
  } finally {
    await server.close();
  }
});

test('a table has one head, and no cell that a spreadsheet would carry out', async () => {
  const server = await serveJson(listing([]));
  try {
    const args = ['export', 'orders', '--from', '2026-01-01', '--to', '2026-06-15'];
    const { out, err } = await runMexc(args, { environment: environmentOf(server) });

    const [head, ...lines] = out.split('\r\n').map((line) => line.replace(/^\n/, ''));
    assert.match(head ?? '', /^createdAt,updatedAt,id,/);
    assert.equal(lines.filter((line) => line.startsWith('createdAt')).length, 0);
    assert.match(out, /,"'=HYPERLINK\(""http:\/\/evil""\)",/);
    assert.match(out, /,"so, ""it"" is",/);
    assert.match(err, /25 orders from 2026-01-01T00:00:00.000Z until before 2026-06-15/);
  } finally {
    await server.close();
  }
});
