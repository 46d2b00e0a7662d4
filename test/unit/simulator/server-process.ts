import { createExchange, systemClock } from '../../../lib/simulator/exchange.ts';
import { listen } from '../../../lib/simulator/server.ts';

/** Started by server.test.ts to be killed: serves an exchange kept in the file named on the command line. */
const exchange = createExchange({ seed: 'killed', clock: systemClock, limits: 'off' });
const { url } = await listen(exchange, { stateFile: process.argv[2] });
process.stdout.write(`${url}\n`);
