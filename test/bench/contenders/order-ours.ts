import { createExchangeClock } from '../../../lib/domain/exchange-time.ts';
import { createMexcClient } from '../../../lib/mexc/client.ts';
import { systemClock } from '../../../lib/runtime/clock.ts';
import { exchangeUrl, KEYS, measureOrders, ORDER } from './order-loop.ts';

// The client as `place-order` builds and uses it.
const client = createMexcClient({
  baseUrl: exchangeUrl,
  credentials: () => Promise.resolve(KEYS),
  clock: systemClock,
  exchangeClock: createExchangeClock(systemClock.now),
});

const measured = measureOrders(async (clientOrderId) => {
  const now = systemClock.now();
  const signed = await client.signOrder(
    { ...ORDER, side: 'buy', type: 'LIMIT', clientOrderId },
    { timestamp: now, recvWindow: 5000, test: false },
  );
  const outcome = await client.sendOrder(signed, { deadline: now + 2_000 });
  if (outcome.kind !== 'acknowledged') throw new Error(JSON.stringify(outcome));
});
// Bundled as CommonJS, which has no `await` at the top. A failure ends the process.
void measured.finally(() => client.close());
