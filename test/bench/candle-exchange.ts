import { systemClock } from '../../lib/simulator/clock.ts';
import { createExchange } from '../../lib/simulator/exchange.ts';
import { listen } from '../../lib/simulator/server.ts';

// The exchange for candles, in a process of its own and without limits.
const exchange = createExchange({ seed: 'bench', clock: systemClock, limits: 'off' });
const { url } = await listen(exchange);
process.stdout.write(`${url}\n`);
