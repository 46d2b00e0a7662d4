import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createExchange, systemClock } from '../../lib/simulator/exchange.ts';
import { listen } from '../../lib/simulator/server.ts';
import { removeFolder, temporaryFolder } from '../support/local-folders.ts';
import { type StartedStack, startStack } from '../support/npm-start.ts';
import { ask, getControl, type Operated, putControl } from '../support/operator.ts';
import { type Answered, alertOf, deliver, readApi } from '../support/webhook.ts';

const ADMIN_TOKEN = 'admin-token-of-the-test';
const placement = { method: 'POST', path: '/api/v3/order' };

describe("the operator's control", () => {
  const parts = new AsyncDisposableStack();
  const exchange = createExchange({ seed: 'control', clock: systemClock });
  let stack: StartedStack & Operated;
  before(async () => {
    const server = parts.adopt(await listen(exchange), (it) => it.close());
    const started = await startStack({
      DATA_DIR: parts.adopt(temporaryFolder(), removeFolder),
      MEXC_REST_URL: server.url,
      ADMIN_TOKEN,
      WEBHOOK_TOKENS: JSON.stringify({ demo: 'demo-token', 'never-used': 'other-token' }),
    });
    stack = { ...started, adminToken: ADMIN_TOKEN };
    parts.defer(() => started.stop());
  });
  after(() => parts.disposeAsync());

  /** State of an order once a run of the reconciler has looked at it. */
  const stateOf = async ({ json }: Answered): Promise<string> => {
    await stack.reconcile();
    return (await readApi(stack, `/orders/${json.id}`)).json.state;
  };
  const buy = (id: string) => deliver(stack, alertOf({ id, quoteQuantity: '15' }));

  test('nobody gets in without the admin token, and all of them get the same bytes', async () => {
    const headers = [{}, { authorization: 'Bearer wrong' }, { authorization: `Bearer ${stack.readToken}` }];
    const answers = await Promise.all(
      headers.flatMap((each) => [
        ask(stack, { headers: each }),
        ask(stack, { method: 'PUT', headers: each, body: '{' }),
      ]),
    );

    assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([401]));
    assert.equal(new Set(answers.map(({ text }) => text)).size, 1);
  });

  test('what cannot be carried out changes nothing and says what to do', async () => {
    const authorization = `Bearer ${ADMIN_TOKEN}`;
    const put = (body: string, type = 'application/json') =>
      ask(stack, { method: 'PUT', headers: { authorization, 'content-type': type }, body });

    const answers = await Promise.all([
      put('{"mode": HALTED}'),
      put(' '.repeat(9_000)),
      put('{}', 'application/xml'),
      put('{"mode": "halted", "strategies": ["demo"], "resaon": "a slip"}'),
      put('{"mode": "HALTED", "strategies": ["demmo"], "reason": "a slip"}'),
    ]);

    assert.deepEqual(
      answers.map(({ status, json }) => [status, json.error.code]),
      [
        [400, 'not_json'],
        [413, 'too_large'],
        [415, 'wrong_type'],
        [422, 'invalid'],
        [422, 'invalid'],
      ],
    );
    assert.deepEqual(answers[3]!.json.error.details.map(({ path }: { path: string }) => path).toSorted(), [
      'mode',
      'reason',
      'resaon',
    ]);
    assert.match(answers[4]!.text, /known are demo, never-used/);
    assert.equal((await getControl(stack)).default.mode, 'ACTIVE');
  });

  test('a halt refuses alerts but not cancels, by name or for all, until it is ended by hand', async () => {
    assert.equal(await stateOf(await buy('before')), 'filled');

    const halted = await putControl(stack, { mode: 'HALTED', strategies: ['demo'] });
    const body = alertOf({ id: 'halted', quoteQuantity: '15' });
    const refused = await deliver(stack, body);
    const cancel = await deliver(stack, alertOf({ id: 'cancel', action: 'cancel' }));
    const armed = await putControl(stack, { mode: 'ACTIVE' });
    const repeat = await deliver(stack, body);
    const passed = await buy('armed');

    assert.deepEqual([halted.status, armed.status], [200, 200], halted.text + armed.text);
    assert.deepEqual([refused.status, refused.json.error.code], [423, 'halted']);
    assert.deepEqual([cancel.status, cancel.json.state], [200, 'done']);
    assert.deepEqual([repeat.status, repeat.json.duplicate], [423, true], 'a refused alert stays refused');
    assert.equal(await stateOf(passed), 'filled');
  });

  test('REDUCE_ONLY lets exits pass and nothing else', async () => {
    await putControl(stack, { mode: 'REDUCE_ONLY', strategies: ['demo'] });

    const entry = await buy('entry');
    const exit = await deliver(stack, alertOf({ id: 'exit', action: 'sell', percent: '50' }));

    assert.deepEqual([entry.status, entry.json.error?.code], [423, 'reduce_only'], entry.text);
    assert.equal(await stateOf(exit), 'filled');
    await putControl(stack, { mode: 'ACTIVE' });
  });

  test('a strategy is halted before its first alert, by its name', async () => {
    const answer = await putControl(stack, { mode: 'HALTED', strategies: ['never-used'] });
    const alert = { strategy: 'never-used', token: 'other-token', id: 'first', quoteQuantity: '15' };

    assert.equal(answer.status, 200, answer.text);
    assert.equal((await deliver(stack, alertOf(alert))).status, 423);
    await putControl(stack, { mode: 'ACTIVE', strategies: ['never-used'] });
  });

  test('adopted coins belong to the strategy, each adoption once', async () => {
    const quantity = async (): Promise<string> =>
      (await readApi(stack, '/positions')).json.positions.find(
        ({ symbol }: { symbol: string }) => symbol === 'SOLUSDT',
      ).quantity;
    const before = await quantity();

    const adopted = await putControl(stack, {
      adopt: { strategy: 'demo', symbol: 'SOLUSDT', quantity: '0.5', cost: '70', id: 'by-hand' },
    });
    const again = await putControl(stack, {
      adopt: { strategy: 'demo', symbol: 'SOLUSDT', quantity: '0.5', cost: '70', id: 'by-hand' },
    });

    assert.deepEqual([adopted.status, again.json.adopted.duplicate], [200, true], adopted.text);
    assert.equal((Number(await quantity()) - Number(before)).toFixed(6), '0.500000');
  });

  test('a halt answers after the last moment of a request in doubt, and what waits behind it is refused', async () => {
    exchange.faults.add({ match: { ...placement, times: 1 }, kind: 'drop-before' });
    const doubted = await buy('in-doubt');
    const waiting = await buy('waits-behind-it');
    const [attempt] = (await readApi(stack, `/orders/${doubted.json.id}`)).json.attempts;

    const halted = await putControl(stack, { mode: 'HALTED' });
    const answeredAt = Date.now();
    const during = await getControl(stack);
    await stack.reconcile();

    assert.deepEqual(
      [doubted.json.state, waiting.json.state],
      ['unknown', 'accepted'],
      doubted.text + waiting.text,
    );
    assert.equal(halted.status, 200, halted.text);
    assert.ok(answeredAt > Date.parse(attempt.until), 'only then can it not come into being any more');
    const [demo] = during.strategies;
    assert.deepEqual(
      [demo.mode, demo.reason, demo.inFlight[0]?.order],
      ['HALTED', 'a test', doubted.json.id],
    );
    const refused = (await readApi(stack, `/orders/${waiting.json.id}`)).json;
    assert.deepEqual([refused.state, refused.refusal?.code], ['refused', 'halted']);
    assert.equal((await buy('after')).status, 423);
    await putControl(stack, { mode: 'ACTIVE' });
    assert.equal(await stateOf(await buy('at-last')), 'filled');
  });
});
