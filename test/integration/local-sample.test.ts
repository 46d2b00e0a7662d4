import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readBody, sendJson } from '../../infra/local/http.ts';
import { listenLocally } from '../../infra/local/ports.ts';
import { isFirstStart, sendSample } from '../../infra/local/sample.ts';

/** A read API and webhook that let an order go through these states, one at each look. */
const serving = async (states: string[], ledger: unknown[] = []) => {
  const alerts: Record<string, unknown>[] = [];
  const at = '2026-11-22T10:00:00.000Z';
  const history: { at: string; state: string }[] = [];
  const server = await listenLocally(async (request, response) => {
    const body = await readBody(request, 10_000);
    if (request.url === '/orders?limit=1') return sendJson(response, 200, { orders: ledger });
    if (request.method === 'POST') alerts.push(JSON.parse(String(body)));
    const state = states.shift() ?? history.at(-1)?.state ?? 'accepted';
    history.push({ at, state });
    sendJson(response, 200, {
      id: 'm1',
      symbol: 'SOLUSDT',
      state,
      history,
      code: 10007,
      reason: 'bad symbol',
    });
  });
  return { server, alerts };
};

const sample = async (restUrl: string, states: string[]) => {
  const { server, alerts } = await serving(states);
  const said: string[] = [];
  const stack = { url: server.url, readToken: 'read', exchange: { restUrl } };
  const result = await sendSample(stack, { webhookTokens: { trend: ['one', 'two'] } }, (line) =>
    said.push(line),
  );
  await server.close();
  return { result, said: said.join('\n'), alert: alerts[0] ?? {} };
};

test('the sample is a market buy for 10 quote of the first strategy, with its first token', async () => {
  const { alert, said, result } = await sample('http://127.0.0.1:1', ['accepted', 'submitting', 'filled']);

  const { time, id, ...rest } = alert;
  assert.deepEqual(rest, {
    token: 'one',
    strategy: 'trend',
    symbol: 'SOLUSDT',
    action: 'buy',
    quoteQuantity: '10',
  });
  assert.ok(Math.abs(Date.parse(String(time)) - Date.now()) < 60_000);
  assert.match(String(id), /^sample-\d{13}$/);
  assert.match(said, /submitting[\s\S]*filled/);
  assert.equal(said.includes('one'), false, 'the token is not shown');
  assert.equal(result.filled, true);
});

test('an exchange that is not on this machine gets a test order, and the user is told', async () => {
  const { alert, said, result } = await sample('https://api.mexc.com', ['tested']);

  assert.equal(alert.test, true);
  assert.match(said, /https:\/\/api\.mexc\.com is not on this machine/);
  assert.equal(result.filled, true);
});

test('an order that ends otherwise is no success, with the reason', async () => {
  const { result } = await sample('http://127.0.0.1:1', ['submitting', 'rejected']);

  assert.deepEqual(result, { filled: false, words: 'The sample order ended rejected (10007 bad symbol).' });
});

test('a first start is one with an empty ledger', async () => {
  for (const [ledger, expected] of [
    [[], true],
    [[{ id: 'm1' }], false],
  ] as const) {
    const { server } = await serving([], [...ledger]);
    assert.equal(await isFirstStart({ url: server.url, readToken: 'read' }), expected);
    await server.close();
  }
});
