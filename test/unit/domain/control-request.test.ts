import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readControlRequest } from '../../../lib/domain/control-request.ts';

const TOKEN = 'secret-admin-token';

const read = (body: string | Uint8Array, contentType?: string) =>
  readControlRequest({ contentType, body: Buffer.from(body) }, [TOKEN]);

const pathsIn = (body: unknown): string[] => {
  const reading = read(JSON.stringify(body));
  assert.ok(!reading.ok && reading.status === 422, JSON.stringify(reading));
  return (reading.details ?? []).map(({ path }) => path).toSorted();
};

const adopt = { strategy: 'demo', symbol: 'SOLUSDT', quantity: '1.5' };

describe('a request to /control', () => {
  test('amounts are read from their digits, as text or as numbers', () => {
    const reading = read(
      '{"adopt": {"strategy": "demo", "symbol": "SOLUSDT", "quantity": 0.100000000000000001, "cost": "1e2"}, "reason": " mine "}',
    );

    assert.ok(reading.ok);
    assert.deepEqual(reading.request, {
      adopt: { strategy: 'demo', symbol: 'SOLUSDT', quantity: '0.100000000000000001', cost: '100' },
      reason: 'mine',
    });
  });

  test('null is absent, and false asks for nothing', () => {
    assert.ok(read('{"mode": "HALTED", "strategies": null, "flatten": false, "reason": "x"}').ok);
    assert.deepEqual(pathsIn({ cancelAll: false, reason: 'x' }), ['mode']);
  });

  test('everything that is wrong is named at once', () => {
    assert.deepEqual(pathsIn({}), ['mode', 'reason']);
    assert.deepEqual(
      pathsIn({
        mode: 'halted',
        strategies: [],
        cancelAll: 'yes',
        resaon: 'x',
        adopt: { ...adopt, quantity: '-1', price: 1 },
      }),
      ['adopt.price', 'adopt.quantity', 'cancelAll', 'mode', 'reason', 'resaon', 'strategies'],
    );
    assert.deepEqual(pathsIn({ mode: 'HALTED', strategies: ['a', ''], reason: 'x' }), ['strategies.1']);
  });

  test('a field that is given twice is refused: neither of the two was meant for sure', () => {
    const reading = read('{"mode": "HALTED", "mode": "ACTIVE", "reason": "x"}');

    assert.ok(!reading.ok);
    assert.deepEqual(reading.details, [{ path: 'mode', message: 'is given more than once' }]);
  });

  test('what contradicts itself is refused', () => {
    assert.deepEqual(pathsIn({ flatten: true, mode: 'ACTIVE', reason: 'x' }), ['mode']);
    assert.deepEqual(pathsIn({ flatten: true, adopt, reason: 'x' }), ['adopt']);
    assert.deepEqual(pathsIn({ adopt, strategies: ['demo'], reason: 'x' }), ['strategies']);
  });

  test('a body that is no request is refused as the webhook does', () => {
    const statusOf = (reading: ReturnType<typeof read>) =>
      reading.ok ? 200 : [reading.status, reading.code];

    assert.deepEqual(statusOf(read('{"mode"')), [400, 'not_json']);
    assert.deepEqual(statusOf(read('[]')), [400, 'not_json']);
    assert.deepEqual(statusOf(read(new Uint8Array([0xff]))), [400, 'not_json']);
    assert.deepEqual(statusOf(read(' '.repeat(8_193))), [413, 'too_large']);
    assert.deepEqual(statusOf(read('{}', 'text/html')), [415, 'wrong_type']);
  });

  test('no refusal holds the token, and nothing that holds it is taken', () => {
    for (const body of [
      { mode: 'HALTED', reason: TOKEN },
      { mode: 'HALTED', reason: 'x', strategies: [`a${TOKEN}`] },
      { mode: 'HALTED', reason: 'x', [TOKEN]: 1 },
      { mode: TOKEN, reason: 'x' },
      { adopt: { ...adopt, id: TOKEN }, reason: 'x' },
      { adopt: { ...adopt, symbol: TOKEN }, reason: 'x' },
    ]) {
      const reading = read(JSON.stringify(body));
      assert.ok(!reading.ok);
      assert.doesNotMatch(JSON.stringify(reading), new RegExp(TOKEN));
    }
  });
});
