import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { httpRoutes } from '../../infra/local/http-routes.ts';
import type { LambdaService } from '../../infra/local/lambda-service.ts';
import { type Listener, listenLocally } from '../../infra/local/ports.ts';

/** What the function "returns": by default the event it was given. */
let answer: (functionName: string, event: string) => { payload: string; error?: 'Unhandled' };
let gateway: Listener;

const echo: typeof answer = (functionName, event) => ({
  payload: JSON.stringify({
    statusCode: 200,
    body: JSON.stringify({ functionName, event: JSON.parse(event) }),
  }),
});

before(async () => {
  const routes = [
    'POST /webhook',
    'GET /orders',
    'GET /orders/{id}',
    'GET /orders/latest',
    'GET /files/{path+}',
  ];
  const lambda: Pick<LambdaService, 'invoke'> = { invoke: async (name, event) => answer(name, event) };
  const serve = httpRoutes(
    routes.map((routeKey) => ({ routeKey, functionName: routeKey })),
    lambda,
  );
  gateway = await listenLocally(serve);
});
after(() => gateway.close());

const ask = async (path: string, init: RequestInit = {}) => {
  answer = echo;
  const response = await fetch(gateway.url + path, init);
  return JSON.parse(await response.text()).event;
};

test('an event of payload format 2.0 says what was asked', async () => {
  const before = Date.now();
  const event = await ask('/orders/m%201?state=open&state=filled&x=%C3%BC', {
    headers: { 'X-Twice': 'a', cookie: 'k=v; l=w' },
  });

  assert.equal(event.version, '2.0');
  assert.equal(event.routeKey, 'GET /orders/{id}');
  assert.deepEqual(event.pathParameters, { id: 'm 1' });
  assert.deepEqual(event.queryStringParameters, { state: 'open,filled', x: 'ü' });
  assert.equal(event.rawQueryString, 'state=open&state=filled&x=%C3%BC');
  assert.deepEqual(event.cookies, ['k=v', 'l=w']);
  assert.equal(event.headers['x-twice'], 'a');
  assert.equal(event.headers.cookie, undefined);
  assert.equal(event.requestContext.http.sourceIp, '127.0.0.1');
  assert.ok(event.requestContext.timeEpoch >= before && event.requestContext.timeEpoch <= Date.now());
  assert.match(event.requestContext.time, /^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/);
  assert.equal(event.isBase64Encoded, false);
  assert.equal('body' in event, false);
});

test('a body of a text type comes as text, any other in base64', async () => {
  const post = (type: string | undefined, body: string | Uint8Array<ArrayBuffer>) =>
    ask('/webhook', {
      method: 'POST',
      body: typeof body === 'string' ? new TextEncoder().encode(body) : body,
      ...(type && { headers: { 'content-type': type } }),
    });

  for (const type of ['application/json', 'text/plain; charset=utf-8', 'application/json;charset=utf-8']) {
    assert.deepEqual(pick(await post(type, '{"a":"ü"}')), { body: '{"a":"ü"}', isBase64Encoded: false });
  }
  for (const type of [undefined, 'application/x-www-form-urlencoded', 'application/octet-stream']) {
    const bytes = Uint8Array.from([0, 255, 10]);
    assert.deepEqual(pick(await post(type, bytes)), { body: 'AP8K', isBase64Encoded: true });
  }
});

const pick = ({ body, isBase64Encoded }: { body: string; isBase64Encoded: boolean }) => ({
  body,
  isBase64Encoded,
});

test('the most specific route wins; what has none is not found', async () => {
  assert.equal((await ask('/orders/latest')).routeKey, 'GET /orders/latest');
  assert.deepEqual((await ask('/files/a/b.js')).pathParameters, { path: 'a/b.js' });
  for (const [method, path] of [
    ['GET', '/webhook'],
    ['POST', '/orders'],
    ['GET', '/orders/a/b'],
    ['GET', '/'],
  ]) {
    const response = await fetch(gateway.url + path, { method });
    assert.deepEqual([response.status, await response.json()], [404, { message: 'Not Found' }]);
  }
});

test('an answer keeps status, headers, cookies and bytes', async () => {
  answer = () => ({
    payload: JSON.stringify({
      statusCode: 201,
      headers: { 'Content-Type': 'image/png', 'x-number': 5 },
      cookies: ['a=1', 'b=2'],
      body: 'AP8K',
      isBase64Encoded: true,
    }),
  });
  const response = await fetch(`${gateway.url}/orders`);

  assert.equal(response.status, 201);
  assert.equal(response.headers.get('content-type'), 'image/png');
  assert.equal(response.headers.get('x-number'), '5');
  assert.deepEqual(response.headers.getSetCookie(), ['a=1', 'b=2']);
  assert.deepEqual([...new Uint8Array(await response.arrayBuffer())], [0, 255, 10]);
});

test('a failed function, or an answer that is none, is a bare 500', async () => {
  for (const payload of [
    '{"errorMessage":"secret detail"}',
    '{"statusCode":"abc"}',
    '{"statusCode":200,"body":{}}',
  ]) {
    answer = () => ({ payload, ...(payload.includes('error') && { error: 'Unhandled' }) });
    const response = await fetch(`${gateway.url}/orders`);
    assert.deepEqual([response.status, await response.json()], [500, { message: 'Internal Server Error' }]);
  }
});

test('an answer without a status code is taken as the body of a 200', async () => {
  answer = () => ({ payload: '{"orders":[]}' });
  const response = await fetch(`${gateway.url}/orders`);

  assert.equal(response.headers.get('content-type'), 'application/json');
  assert.deepEqual(await response.json(), { orders: [] });
});
