import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { removeFolder } from '../support/local-folders.ts';
import { type Local, realAssembly, startLocal } from '../support/local-stack.ts';
import { alertOf, deliver, filledIn, ordersOnExchange, readApi, simulator } from '../support/webhook.ts';

interface Row {
  name: string;
  contentType: string;
  body: string;
  expected: { status: number; order?: Record<string, string>; paths?: string[] };
}

const rows: Row[] = JSON.parse(
  readFileSync(new URL('../support/alert-bodies.json', import.meta.url), 'utf8'),
);

describe('alerts as charting tools send them', () => {
  let assembly: string;
  let local: Local;
  before(async () => {
    assembly = await realAssembly();
    local = await startLocal({ assembly });
  });
  after(async () => {
    await local.stop();
    removeFolder(assembly);
  });

  for (const { name, contentType, body, expected } of rows) {
    test(`${name}: ${expected.status} ${expected.order?.state ?? ''}`, async () => {
      if (name.startsWith('strategy alert, one template')) await sellAll(local);

      const sent = filledIn(body);
      const answer = await deliver(local, sent, { 'content-type': contentType });
      const repeat = await deliver(local, sent, { 'content-type': contentType });

      assert.equal(answer.status, expected.status, answer.text);
      const shown = Object.fromEntries(
        Object.keys(expected.order ?? {}).map((key) => [key, answer.json[key]]),
      );
      assert.deepEqual(shown, expected.order ?? {});
      assert.equal(repeat.status, expected.status);
      if (expected.order) {
        assert.deepEqual(
          { id: repeat.json.id, duplicate: repeat.json.duplicate },
          { id: answer.json.id, duplicate: true },
        );
        assert.deepEqual(
          (await ordersOnExchange(local.exchangeControlUrl)).filter((id) => id.startsWith(answer.json.id)),
          [`${answer.json.id}-1`],
        );
        const { json: stored } = await readApi(local, `/orders/${answer.json.id}`);
        assert.equal(stored.state, expected.order.state);
        assert.equal(stored.history.at(-1).state, expected.order.state);
      } else {
        assert.equal(
          (await ordersOnExchange(local.exchangeControlUrl)).includes(`${answer.json.id}-1`),
          false,
        );
      }
      if (expected.status === 422) {
        assert.deepEqual(
          answer.json.error.details.map((detail: { path: string }) => detail.path),
          expected.paths,
        );
        assert.match((await readApi(local, `/orders/${answer.json.id}`)).json.state, /^(refused|expired)$/);
      }
    });
  }

  test('the same target again is skipped, and nothing is sent', async () => {
    await deliver(local, alertOf({ action: 'target', targetQuantity: '0.5', id: 'target-a' }));
    const before = (await ordersOnExchange(local.exchangeControlUrl)).length;

    const { status, json } = await deliver(
      local,
      alertOf({ action: 'target', targetQuantity: '0.5', id: 'target-b' }),
    );

    assert.deepEqual(
      { status, state: json.state, reason: json.reason },
      { status: 200, state: 'skipped', reason: 'at target' },
    );
    assert.equal((await ordersOnExchange(local.exchangeControlUrl)).length, before);
  });

  test('close cancels the open order first, then sells what is held', async () => {
    const resting = await deliver(
      local,
      alertOf({ type: 'limit', price: '140', quantity: '0.2', id: 'rests' }),
    );
    assert.equal(resting.json.state, 'open');

    const { status, json } = await deliver(local, alertOf({ action: 'close', id: 'closes' }));

    assert.deepEqual(
      { status, state: json.state, side: json.side },
      { status: 200, state: 'filled', side: 'sell' },
      JSON.stringify(json),
    );
    assert.equal((await readApi(local, `/orders/${resting.json.id}`)).json.state, 'canceled');
    const { positions } = (await readApi(local, '/positions')).json;
    assert.deepEqual(
      { quantity: positions[0].quantity, openOrders: positions[0].openOrders },
      { quantity: '0', openOrders: [] },
    );
  });

  test('cancel names the orders that it cancelled, and is done', async () => {
    const resting = await deliver(
      local,
      alertOf({ type: 'limit', price: '139', quantity: '0.3', id: 'to-cancel' }),
    );

    const { status, json } = await deliver(local, alertOf({ action: 'cancel', id: 'cancels' }));

    assert.deepEqual(
      { status, state: json.state, ids: json.cancelledIds },
      { status: 200, state: 'done', ids: [resting.json.id] },
    );
  });

  const sellAll = async (stack: Local): Promise<void> => {
    await deliver(stack, alertOf({ action: 'close', id: `close-${Date.now()}` }));
  };

  test('every request that reached the exchange was signed validly', async () => {
    const journal = await simulator(local.exchangeControlUrl, '/journal');
    const verdicts = new Set(journal.map((entry: { signature: string }) => entry.signature));
    assert.equal(verdicts.has('invalid'), false);
    assert.equal(verdicts.has('valid'), true);
  });
});
