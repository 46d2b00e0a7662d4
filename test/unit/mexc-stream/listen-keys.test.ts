import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CredentialsError,
  type ExchangeError,
  TransientError,
  UnknownOutcomeError,
} from '../../../lib/domain/exchange-errors.ts';
import { createExchangeClock, estimateFrom } from '../../../lib/domain/exchange-time.ts';
import { openSession } from '../../../lib/mexc/session.ts';
import { createListenKeys, type ListenKeys } from '../../../lib/mexc/stream/listen-keys.ts';
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
} from '../mexc/support.ts';

const KEY = 'pqia91ma19a5s61cv6a81va65sdf19v8a65a1a5s61cv6a81va65sdf19v8a65a1';

/** Runs calls against a server, and keeps the requests that it got. */
const against = async <T>(
  answer: (request: Received, index: number) => Answer,
  calls: (keys: ListenKeys) => Promise<T>,
) => {
  const server = await startServer(answer);
  const exchangeClock = createExchangeClock(systemClock.now);
  const now = systemClock.now();
  exchangeClock.adopt(estimateFrom({ serverTime: now, sentAt: now, receivedAt: now }));
  const session = openSession({
    baseUrl: server.url,
    credentials: async () => ({ accessKey: ACCESS_KEY, secretKey: SECRET_KEY }),
    clock: systemClock,
    exchangeClock,
    random: () => 0,
  });
  try {
    return { result: await calls(createListenKeys(session)), requests: server.requests };
  } finally {
    await session.close();
  }
};
const asked = (requests: readonly Received[]): readonly string[] =>
  requests.map((request) => `${request.method} ${parametersOf(request).get('listenKey') ?? ''}`.trim());

test('a key is made, extended, listed and deleted by signed requests without a body', async () => {
  const { result, requests } = await against(
    ({ method }) => ({ body: method === 'GET' ? { listenKey: [KEY, 'other'] } : { listenKey: KEY } }),
    async (keys) => {
      const key = await keys.create(soon());
      await keys.extend(key, soon());
      const list = await keys.list(soon());
      await keys.remove(key, soon());
      return { key, list };
    },
  );

  assert.deepEqual(result, { key: KEY, list: { keys: [KEY, 'other'], available: 58 } });
  assert.deepEqual(asked(requests), ['POST', `PUT ${KEY}`, 'GET', `DELETE ${KEY}`]);
  for (const { target, body, headers } of requests) {
    assert.match(target, /^\/api\/v3\/userDataStream\?.*timestamp=\d+&signature=[0-9a-f]{64}$/);
    assert.equal(body, '');
    assert.equal(headers['x-mexc-apikey'], ACCESS_KEY);
  }
  assert.equal(requests[0]?.headers['content-type'], 'application/json');
});

test('newer answers say themselves how many keys there may be', async () => {
  const { result } = await against(
    () => ({ body: { listenKey: [KEY], total: 200, available: 199 } }),
    (keys) => keys.list(soon()),
  );

  assert.deepEqual(result, { keys: [KEY], available: 199 });
});

test('an account without keys has an empty list', async () => {
  const { result } = await against(
    () => ({ body: {} }),
    (keys) => keys.list(soon()),
  );

  assert.deepEqual(result, { keys: [], available: 60 });
});

test('when there are too many keys one that is not from here gives way', async () => {
  const valid = new Set(Array.from({ length: 60 }, (_, n) => `left-${n}`));
  const { result, requests } = await against(
    (request) => {
      const key = parametersOf(request).get('listenKey') ?? '';
      if (request.method === 'GET') return { body: { listenKey: [...valid] } };
      if (request.method === 'DELETE') valid.delete(key);
      else if (valid.size >= 60) return { status: 400, body: { code: 730999, msg: 'too many listen keys' } };
      else valid.add(KEY);
      return { body: { listenKey: key || KEY } };
    },
    (keys) => keys.create(soon()),
  );

  assert.equal(result, KEY);
  assert.deepEqual(asked(requests), ['POST', 'GET', 'DELETE left-0', 'POST']);
});

test('a refusal is not taken for too many keys while there is room, or when all keys are from here', async () => {
  const full = async (list: unknown, before: number) => {
    let made = 0;
    const requests: string[] = [];
    const error = await failure(
      against(
        ({ method }) => {
          requests.push(method);
          if (method === 'GET') return { body: list };
          if (method === 'POST' && made < before) {
            made += 1;
            return { body: { listenKey: `own-${made}` } };
          }
          return { status: 400, body: { code: 999999, msg: 'no' } };
        },
        async (keys) => {
          for (let n = 0; n < before; n += 1) await keys.create(soon());
          await keys.create(soon());
        },
      ),
    );
    assert.ok(error instanceof UnknownOutcomeError);
    return requests;
  };

  assert.deepEqual(await full({ listenKey: ['stranger'] }, 0), ['POST', 'GET']);
  assert.deepEqual(await full({ listenKey: ['own-1'], total: 1, available: 0 }, 1), ['POST', 'POST', 'GET']);
});

test('a refusal about who asks or how often is passed on at once', async () => {
  const errorOf = async (answer: Answer): Promise<{ error: ExchangeError; count: number }> => {
    let count = 0;
    const error = await failure(
      against(
        () => {
          count += 1;
          return answer;
        },
        (keys) => keys.create(soon()),
      ),
    );
    return { error, count };
  };
  const noRight = await errorOf({ status: 400, body: { code: 700007, msg: 'no permission' } });
  const tooOften = await errorOf({ status: 429, body: { code: 429, msg: 'slow down' } });

  assert.ok(noRight.error instanceof CredentialsError);
  assert.ok(tooOften.error instanceof TransientError && (tooOften.error.retryAfterMs ?? 0) > 0);
  assert.deepEqual([noRight.count, tooOften.count], [1, 1]);
});

test('a create whose answer is lost is not repeated: it may have made a key', async () => {
  let posts = 0;
  const error = await failure(
    against(
      () => {
        posts += 1;
        return { destroy: true };
      },
      (keys) => keys.create(soon()),
    ),
  );

  assert.ok(error instanceof UnknownOutcomeError);
  assert.equal(posts, 1);
});

test('a deletion whose answer is lost is repeated', async () => {
  const { requests } = await against(
    (_, index) => (index === 0 ? { destroy: true } : { body: { listenKey: KEY } }),
    (keys) => keys.remove(KEY, soon()),
  );

  assert.deepEqual(asked(requests), [`DELETE ${KEY}`, `DELETE ${KEY}`]);
});

test('an error does not quote a key, even if the exchange does', async () => {
  const error = await failure(
    against(
      () => ({ status: 400, body: { code: 33333, msg: `Invalid listen key short-key and ${KEY}` } }),
      (keys) => keys.extend('short-key', soon()),
    ),
  );

  assert.doesNotMatch(`${error.message} ${error.stack}`, /short-key/);
  assert.equal(error.class, 'F');
  assert.equal(error.code, '33333');
});

test('an answer without a key is no key', async () => {
  for (const body of [{}, { listenKey: '' }, { listenKey: null }, { listenKey: ['a'] }, []]) {
    assert.equal(
      (
        await failure(
          against(
            () => ({ body }),
            (keys) => keys.create(soon()),
          ),
        )
      ).code,
      'unreadable',
    );
  }
});
