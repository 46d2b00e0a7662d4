import { join } from 'node:path';
import * as z from 'zod';
import { bundleContender, runProgram, startProgram } from './programs.ts';
import { median, type Ratio, ratioOf, rotated, rounded } from './statistics.ts';

const Measured = z.object({
  /** CPU of the process per order, µs. */
  cpu: z.number(),
  /** Request to parsed acknowledgement, ms. */
  p50: z.number(),
  p99: z.number(),
  /** After the run, MiB. */
  rss: z.number(),
  /** Heap per order, KiB. */
  allocated: z.number(),
});
type Measured = z.infer<typeof Measured>;

const CONTENDERS = ['ours', 'ccxt', 'undici'] as const;
type Contender = (typeof CONTENDERS)[number];

export interface OrderSize {
  readonly rounds: number;
  readonly orders: number;
  readonly warmUp: number;
}

export interface OrderResults {
  readonly size: OrderSize;
  /** Medians over the rounds. */
  readonly contenders: Record<Contender, Measured>;
  readonly cpuOfCcxt: Ratio;
  readonly cpuOfUndici: Ratio;
  readonly latencyOfCcxt: Ratio;
  readonly latencyOfUndici: Ratio;
}

/**
 * One signed order from request to parsed acknowledgement, one after the other over one connection: our client, ccxt's
 * and bare undici, each in a process of its own in every round.
 * @param folder where the bundles are put
 */
export const benchOrders = async (size: OrderSize, folder: string): Promise<OrderResults> => {
  const files = new Map(
    CONTENDERS.map((name) => [name, join(bundleContender(`order-${name}`, folder).folder, 'index.cjs')]),
  );
  const all: Record<Contender, Measured[]> = { ours: [], ccxt: [], undici: [] };
  const responder = await startProgram('responder');
  try {
    for (let round = 0; round < size.rounds; round += 1) {
      for (const name of rotated(CONTENDERS, round)) {
        const args = [responder.url, String(size.orders), String(size.warmUp)];
        const line = await runProgram(files.get(name) ?? '', args);
        all[name].push(Measured.parse(JSON.parse(line)));
      }
    }
  } finally {
    await responder.stop();
  }

  const column = (name: Contender, field: keyof Measured) => all[name].map((one) => one[field]);
  const ratio = (field: keyof Measured, other: Contender): Ratio =>
    ratioOf(column('ours', field), column(other, field));
  const medians = (name: Contender): Measured => ({
    cpu: rounded(median(column(name, 'cpu')), 1),
    p50: rounded(median(column(name, 'p50')), 4),
    p99: rounded(median(column(name, 'p99')), 4),
    rss: rounded(median(column(name, 'rss')), 1),
    allocated: rounded(median(column(name, 'allocated')), 1),
  });
  return {
    size,
    contenders: { ours: medians('ours'), ccxt: medians('ccxt'), undici: medians('undici') },
    cpuOfCcxt: ratio('cpu', 'ccxt'),
    cpuOfUndici: ratio('cpu', 'undici'),
    latencyOfCcxt: ratio('p50', 'ccxt'),
    latencyOfUndici: ratio('p50', 'undici'),
  };
};
