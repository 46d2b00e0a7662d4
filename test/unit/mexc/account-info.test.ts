import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UnknownOutcomeError } from '../../../lib/domain/exchange-errors.ts';
import { createExchangeClock, estimateFrom } from '../../../lib/domain/exchange-time.ts';
import type { AccountInfo } from '../../../lib/domain/ports.ts';
import { createAccountInfo } from '../../../lib/mexc/account-info.ts';
import { openSession } from '../../../lib/mexc/session.ts';
import {
  ACCESS_KEY,
  type Answer,
  failure,
  parametersOf,
  type Received,
  SECRET_KEY,
  soon,
  startServer,
  systemClock,
} from './support.ts';

/** What a call makes of one answer, and the request that it sent. */
const answered = async <T>(answer: Answer, call: (info: AccountInfo) => Promise<T>) => {
  const server = await startServer(() => answer);
  const exchangeClock = createExchangeClock(systemClock.now);
  const now = systemClock.now();
  exchangeClock.adopt(estimateFrom({ serverTime: now, sentAt: now, receivedAt: now }));
  const session = openSession({
    baseUrl: server.url,
    credentials: async () => ({ accessKey: ACCESS_KEY, secretKey: SECRET_KEY }),
    clock: systemClock,
    exchangeClock,
  });
  try {
    const result = await call(createAccountInfo(session));
    return { result, request: server.requests[0] as Received };
  } finally {
    await session.close();
  }
};

const fee = (info: AccountInfo) => info.tradeFee('MXUSDT', soon());
const key = (info: AccountInfo) => info.keyInfo(soon());

test('a fee is read as it is written, however many zeros it has', async () => {
  const body =
    '{"data":{"makerCommission":0.003000000000000000,"takerCommission":0.0000000000000000001},"code":0,"msg":"success","timestamp":1}';

  const { result, request } = await answered({ body }, fee);

  assert.deepEqual(result, { maker: '0.003', taker: '0.0000000000000000001' });
  assert.equal(parametersOf(request).get('symbol'), 'MXUSDT');
  assert.match(request.target, /&signature=[0-9a-f]{64}$/);
});

test('a fee that is not told whole is not read', async () => {
  for (const data of [{ makerCommission: 0.003 }, { makerCommission: 0, takerCommission: null }, null]) {
    assert.ok((await failure(answered({ body: { code: 0, data } }, fee))) instanceof UnknownOutcomeError);
  }
});

const KEY = {
  note: 'bot',
  permissions: 'SPOT_ACCOUNT_READ, SPOT_DEAL_READ,SPOT_DEAL_WRITE',
  remainingValidity: 73,
  ipWhiteList: '203.0.113.7,203.0.113.8',
  status: 'VALID',
  createTime: 1_700_000_000_000,
};

test('the key is asked about by itself, in a signed request', async () => {
  const { result, request } = await answered({ body: KEY }, key);

  assert.deepEqual(result, {
    permissions: ['SPOT_ACCOUNT_READ', 'SPOT_DEAL_READ', 'SPOT_DEAL_WRITE'],
    remainingDays: 73,
    addresses: ['203.0.113.7', '203.0.113.8'],
    status: 'VALID',
  });
  assert.equal(parametersOf(request).get('accessKey'), ACCESS_KEY);
  assert.match(request.target, /&signature=[0-9a-f]{64}$/);
});

test('a key may last for ever, be bound to no address, and list its words', async () => {
  const { result } = await answered(
    {
      body: {
        code: 200,
        data: { ...KEY, permissions: ['SPOT_DEAL_READ'], remainingValidity: '-999', ipWhiteList: null },
      },
    },
    key,
  );

  assert.deepEqual(result, {
    permissions: ['SPOT_DEAL_READ'],
    remainingDays: 'unlimited',
    addresses: [],
    status: 'VALID',
  });
});

test('without its permissions, its validity or its state nothing is said about a key', async () => {
  for (const name of ['permissions', 'remainingValidity', 'status']) {
    const error = await failure(answered({ body: { ...KEY, [name]: null } }, key));
    assert.ok(error instanceof UnknownOutcomeError, name);
  }
});

test('an error about the key does not repeat the key', async () => {
  const error = await failure(
    answered({ status: 400, body: { code: 10072, msg: `Invalid access key ${ACCESS_KEY}` } }, key),
  );

  assert.equal(error.message, 'Invalid access key [hidden]');
});
