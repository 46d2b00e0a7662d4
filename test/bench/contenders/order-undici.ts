import { Client } from 'undici';
import { exchangeUrl, KEYS, measureOrders, ORDER } from './order-loop.ts';

// The least that any client on undici can do: bytes made before, sent, the answer read and parsed. Nothing is signed.
const client = new Client(exchangeUrl, { allowH2: false, pipelining: 1 });
const { symbol, quantity, price } = ORDER;
const target = `/api/v3/order?symbol=${symbol}&side=BUY&type=LIMIT&quantity=${quantity}&price=${price}&newClientOrderId=m${'a'.repeat(25)}-1&recvWindow=5000&timestamp=${Date.now()}&signature=${'0'.repeat(64)}`;
const headers = {
  accept: 'application/json',
  'accept-encoding': 'identity',
  'user-agent': 'mexc-serverless',
  'content-type': 'application/json',
  'x-mexc-apikey': KEYS.accessKey,
};

const measured = measureOrders(async () => {
  const { body } = await client.request({ method: 'POST', path: target, headers });
  const answer: unknown = JSON.parse(await body.text());
  if (typeof answer !== 'object' || answer === null || !('orderId' in answer)) throw new Error('refused');
});
// Bundled as CommonJS, which has no `await` at the top. A failure ends the process.
void measured.finally(() => client.close());
