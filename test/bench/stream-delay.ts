import { join } from 'node:path';
import * as z from 'zod';
import { readAssembly } from '../../infra/local/assembly.ts';
import { startEngine } from '../../infra/local/dynamo-engine.ts';
import { createTables } from '../../infra/local/dynamo-tables.ts';
import { modelOf } from '../../infra/local/stack-model.ts';
import { systemClock } from '../../lib/simulator/clock.ts';
import { createExchange } from '../../lib/simulator/exchange.ts';
import { listen } from '../../lib/simulator/server.ts';
import { removeFolder, temporaryFolder } from '../support/local-folders.ts';
import { bundleContender, runProgram } from './programs.ts';
import { percentile, rounded } from './statistics.ts';

const Times = z.object({ cancelled: z.array(z.number()), filled: z.array(z.number()) });

interface Percentiles {
  readonly p50: number;
  readonly p99: number;
}

export interface DelayResults {
  readonly orders: number;
  /** From the first frame that tells of it until the order is in the store, ms. */
  readonly cancelled: Percentiles;
  /** The same with its trades, which are read from the exchange first. */
  readonly filled: Percentiles;
}

/**
 * How soon the store has what the stream tells of an order: the task against the simulator and the embedded engine.
 * @param assembly folder of the synthesized template
 * @param folder where the bundle is put
 */
export const benchDelay = async (orders: number, assembly: string, folder: string): Promise<DelayResults> => {
  await using parts = new AsyncDisposableStack();
  const dataDir = parts.adopt(temporaryFolder(), removeFolder);
  const engine = parts.adopt(await startEngine({ dataDir, dynamodbEndpoint: undefined }, () => {}), (it) =>
    it.stop(),
  );
  const { tables, functions } = modelOf(readAssembly(assembly), 'http://127.0.0.1');
  await createTables(engine.endpoint, tables);
  const market = createExchange({ seed: 'bench', clock: systemClock, limits: 'off' });
  const exchange = parts.adopt(await listen(market), (it) => it.close());
  const variables = functions.find(({ name }) => name === 'control')?.environment ?? {};
  const named = ['orders', 'strategies', 'positions', 'symbols', 'fills', 'control', 'balances'];
  const names = Object.fromEntries(named.map((name) => [name, variables[`${name.toUpperCase()}_TABLE`]]));
  const program = join(bundleContender('stream-delay', folder).folder, 'index.cjs');
  const line = await runProgram(program, [
    exchange.url,
    engine.endpoint,
    JSON.stringify(names),
    String(orders),
  ]);
  const { cancelled, filled } = Times.parse(JSON.parse(line));
  const both = (times: readonly number[]): Percentiles => ({
    p50: rounded(percentile(times, 0.5), 1),
    p99: rounded(percentile(times, 0.99), 1),
  });
  return { orders, cancelled: both(cancelled), filled: both(filled) };
};
