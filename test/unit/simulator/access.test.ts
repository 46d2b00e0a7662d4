import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_ACCOUNTS } from '../../../lib/simulator/accounts.ts';
import { SIMULATOR_KEYS } from '../../../lib/simulator/exchange.ts';
import { BUY, encode, hmac, openBench, START } from './simulator-client.ts';

const { trade, read } = SIMULATOR_KEYS;

async function send(
  query: string,
  {
    method = 'GET',
    path = '/api/v3/account',
    headers = {},
    body = '',
  }: {
    method?: string;
    path?: string;
    headers?: Record<string, string>;
    body?: string;
  } = {},
) {
  const { exchange } = openBench();
  const reply = await exchange.handle({
    method,
    target: `${path}?${query}`,
    headers: { 'X-MEXC-APIKEY': trade.accessKey, ...headers },
    body,
  });
  assert.ok(reply !== 'drop');
  return { status: reply.status, code: JSON.parse(reply.body).code };
}

function sign(query: string): string {
  return `${query}&signature=${hmac(trade.secretKey, query)}`;
}

test('the clock rule is asymmetric: recvWindow behind is let in, one second ahead is not', async () => {
  const at = (offset: number, window = '') => sign(`${window}timestamp=${START + offset}`);

  assert.equal((await send(at(-5000))).status, 200);
  assert.equal((await send(at(-5001))).code, 700003);
  assert.equal((await send(at(999))).status, 200);
  assert.equal((await send(at(1000))).code, 700003);
  assert.equal((await send(at(1000, 'recvWindow=60000&'))).code, 700003);
  assert.equal((await send(at(-60000, 'recvWindow=60000&'))).status, 200);
  assert.equal((await send(at(-60001, 'recvWindow=60000&'))).code, 700003);
});

test('recvWindow above the maximum is 700005; times that are not whole numbers are refused', async () => {
  assert.equal((await send(sign(`recvWindow=60001&timestamp=${START}`))).code, 700005);
  assert.equal((await send(sign(`recvWindow=5e3&timestamp=${START}`))).code, 33333);
  assert.equal((await send(sign(`recvWindow=5000.0&timestamp=${START}`))).code, 33333);
  assert.equal((await send(sign(`timestamp=${START}.0`))).code, 33333);
  assert.equal((await send(sign(`timestamp=${Math.floor(START / 1000)}`))).code, 700003);
  assert.equal((await send(sign('recvWindow=5000'))).code, 44444);
});

test('a wrong or missing signature is 700002, before anything else is looked at', async () => {
  assert.equal((await send(`timestamp=1&signature=${'0'.repeat(64)}`)).code, 700002);
  assert.equal((await send(`timestamp=${START}`)).code, 700002);
});

test('a missing, ill-formed or unknown access key is told apart', async () => {
  const query = sign(`timestamp=${START}`);

  assert.equal((await send(query, { headers: { 'X-MEXC-APIKEY': '' } })).code, 400);
  assert.equal((await send(query, { headers: { 'X-MEXC-APIKEY': 'hello' } })).code, 700001);
  assert.equal((await send(query, { headers: { 'X-MEXC-APIKEY': 'mx0nobodyhasthiskey' } })).code, 10072);
});

test('an expired key and a key barred from the pair are refused', async () => {
  const [account] = DEFAULT_ACCOUNTS;
  const bench = (key: object) =>
    openBench({ accounts: [{ ...account!, keys: [{ ...account!.keys[0]!, ...key }] }] });

  assert.equal((await bench({ expiresAt: START - 1 }).order(BUY)).parsed.code, 402);
  assert.equal((await bench({ symbols: ['XRPUSDT'] }).order(BUY)).parsed.code, 70011);
});

test('without JSON content type every call but GET is 700013', async () => {
  const query = sign(`${encode(BUY)}&timestamp=${START}`);
  const post = (headers: Record<string, string>) =>
    send(query, { method: 'POST', path: '/api/v3/order', headers });

  assert.equal((await post({})).code, 700013);
  assert.equal((await post({ 'content-type': 'application/x-www-form-urlencoded' })).code, 700013);
  assert.equal((await post({ 'content-type': 'application/json; charset=utf-8' })).status, 200);
});

test('parameters may stand in a k=v body, and the query wins', async () => {
  const body = `price=150.00&quantity=1&timestamp=${START}`;
  const head = 'symbol=SOLUSDT&side=BUY&type=LIMIT&price=140.00';
  const text = `${body}&signature=${hmac(trade.secretKey, head + body)}`;
  const { exchange } = openBench();
  const headers = { 'x-mexc-apikey': trade.accessKey, 'content-type': 'application/json' };

  const reply = await exchange.handle({
    method: 'POST',
    target: `/api/v3/order?${head}`,
    headers,
    body: text,
  });

  assert.ok(reply !== 'drop');
  assert.equal(JSON.parse(reply.body).price, '140');
});

test('a JSON object as body, a parameter given twice and an unknown one are refused', async () => {
  const post = { method: 'POST', path: '/api/v3/order', headers: { 'content-type': 'application/json' } };
  const query = `${encode(BUY)}&timestamp=${START}`;

  const json = '{"a":1}';
  const withBody = `${query}&signature=${hmac(trade.secretKey, query + json)}`;
  assert.equal((await send(withBody, { ...post, body: json })).code, 33333);
  assert.equal((await send(sign(`price=1&${query}`), post)).code, 33333);
  assert.equal((await send(sign(`timeInForce=GTC&${query}`), post)).code, 33333);
});

test('a read key reads and may not trade', async () => {
  const { signed } = openBench();

  assert.equal((await signed('GET', '/api/v3/account', {}, read)).status, 200);
  assert.equal((await signed('GET', '/api/v3/openOrders', {}, read)).status, 200);
  assert.equal((await signed('POST', '/api/v3/order', BUY, read)).parsed.code, 700007);
  assert.equal(
    (await signed('DELETE', '/api/v3/openOrders', { symbol: 'SOLUSDT' }, read)).parsed.code,
    700007,
  );
});

test('a key tells its permissions and the days it has left', async () => {
  const { signed } = openBench();

  const { parsed } = await signed('GET', '/api/v3/apiKeyInfo', { accessKey: read.accessKey });

  assert.equal(parsed.permissions, 'SPOT_ACCOUNT_READ,SPOT_DEAL_READ');
  assert.equal(parsed.remainingValidity, -999);
  assert.equal((await signed('GET', '/api/v3/apiKeyInfo', { accessKey: 'mx0other' })).parsed.code, 10072);
});

test('the journal names the key and the verdict, and holds neither secret nor signature', async () => {
  const bench = openBench();
  await bench.order(BUY);
  await bench.exchange.handle({
    method: 'GET',
    target: '/api/v3/account?timestamp=1&signature=ab',
    headers: { 'x-mexc-apikey': trade.accessKey },
  });

  const journal = bench.exchange.journal();

  assert.deepEqual(
    journal.map(({ seq, key, signature, status, code }) => ({ seq, key, signature, status, code })),
    [
      { seq: 1, key: 'trade', signature: 'valid', status: 200, code: null },
      { seq: 2, key: 'trade', signature: 'invalid', status: 400, code: 700002 },
    ],
  );
  assert.equal(journal[0]?.params.price, '140.00');
  assert.ok(!bench.exchange.trace().includes(trade.secretKey));
  assert.ok(!('signature' in journal[0]!.params));
});
