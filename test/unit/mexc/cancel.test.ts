import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NotFoundError, TransientError, UnknownOutcomeError } from '../../../lib/domain/exchange-errors.ts';
import { type Answer, BY_ID, failure, ORDER, serve, soon } from './support.ts';

test('a cancel is accepted whatever state its answer shows, or not found', async () => {
  const cancel = async (answer: Answer) => {
    const served = await serve([answer]);
    const result = await served.client.cancelOrder(BY_ID, soon());
    const { method, headers, target } = served.calls()[0]!;
    assert.equal(method, 'DELETE');
    assert.equal(headers['content-type'], 'application/json');
    assert.match(
      target,
      /^\/api\/v3\/order\?symbol=MXUSDT&origClientOrderId=mabc-1&recvWindow=5000&timestamp=/,
    );
    return result;
  };

  assert.equal(await cancel({ body: { ...ORDER, status: 'NEW' } }), 'accepted');
  assert.equal(await cancel({ body: { orderId: 'C02__1' } }), 'accepted');
  assert.equal(await cancel({ body: { code: 0, msg: 'success', data: ORDER } }), 'accepted');
  assert.equal(await cancel({ status: 400, body: { code: -2011, msg: 'Unknown order' } }), 'not-found');
});

test('a cancel is never repeated by the client', async () => {
  const cases: [Answer, new (...args: never[]) => Error][] = [
    [{ status: 500, body: '' }, UnknownOutcomeError],
    [{ destroy: true }, UnknownOutcomeError],
    [{ body: '' }, UnknownOutcomeError],
    [{ body: [] }, UnknownOutcomeError],
    [{ body: {} }, UnknownOutcomeError],
    [{ body: { symbol: 'MXUSDT', status: 'CANCELED' } }, UnknownOutcomeError],
    [{ body: { ...ORDER, origClientOrderId: 'mabc-2' } }, UnknownOutcomeError],
    [{ status: 429, body: '' }, TransientError],
    [{ status: 400, body: { code: 700003, msg: 'x' } }, TransientError],
    [{ status: 400, body: { code: -2013, msg: 'x' } }, NotFoundError],
  ];
  for (const [answer, type] of cases) {
    const { client, calls } = await serve([answer]);
    assert.ok((await failure(client.cancelOrder(BY_ID, soon()))) instanceof type);
    assert.equal(calls().length, 1);
  }
});

test('a cancel that is answered for another order is not accepted', async () => {
  const { client } = await serve([{ body: { ...ORDER, orderId: 'C02__2' } }]);
  const query = { symbol: 'MXUSDT', by: { exchangeOrderId: 'C02__1' } } as const;

  assert.ok((await failure(client.cancelOrder(query, soon()))) instanceof UnknownOutcomeError);
});

test('after a refused timestamp the next cancel measures the clock first', async () => {
  const { client, times } = await serve([{ status: 400, body: { code: 700003, msg: 'x' } }, { body: ORDER }]);
  await failure(client.cancelOrder(BY_ID, soon()));

  assert.equal(await client.cancelOrder(BY_ID, soon()), 'accepted');

  assert.equal(times.length, 1);
});
