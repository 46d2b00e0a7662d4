import { join } from 'node:path';
import * as z from 'zod';
import { bundleContender, runProgram, startProgram } from './programs.ts';
import { median, type Ratio, ratioOf, rotated, rounded } from './statistics.ts';

const CONTENDERS = ['ours', 'ccxt', 'ws'] as const;
type Contender = (typeof CONTENDERS)[number];
/** Symbols whose last prices are followed. */
const SYMBOLS = [30, 300, 1_500] as const;

const Measured = z.object({
  /** CPU of the process per frame, µs. */
  cpu: z.number(),
  /** Heap per frame, bytes. */
  allocated: z.number(),
  /** Memory of the process, MiB. */
  rss: z.number(),
});
type Measured = z.infer<typeof Measured>;

export interface StreamSize {
  readonly rounds: number;
  readonly frames: number;
  readonly warmUp: number;
  /** Symbols of the market, of which ten with their order book. */
  readonly symbols: number;
}

export interface StreamResults {
  readonly size: StreamSize;
  /** Medians over the rounds. */
  readonly contenders: Record<Contender, Measured>;
  /** Frames per CPU-second. */
  readonly rateOfCcxt: Ratio;
  readonly rateOfWs: Ratio;
  /** Last prices of so many symbols, as the task follows them. */
  readonly prices: readonly (Measured & { readonly symbols: number })[];
}

/**
 * Frames decoded and applied: our task, ccxt's and the bare WebSocket library read the same bytes, each in a process of its own
 * in every round. And last prices of more and more symbols.
 * @param folder where the bundles are put
 */
export const benchStream = async (size: StreamSize, folder: string): Promise<StreamResults> => {
  const files = new Map(
    CONTENDERS.map((name) => [name, join(bundleContender(`stream-${name}`, folder).folder, 'index.cjs')]),
  );
  const measure = async (name: Contender, kind: string, symbols: number): Promise<Measured> => {
    const exchange = await startProgram('stream-exchange', [kind, String(symbols)]);
    try {
      const args = [exchange.url, kind, String(symbols), String(size.frames), String(size.warmUp)];
      return Measured.parse(JSON.parse(await runProgram(files.get(name) ?? '', args)));
    } finally {
      await exchange.stop();
    }
  };

  const all: Record<Contender, Measured[]> = { ours: [], ccxt: [], ws: [] };
  const prices = new Map<number, Measured[]>(SYMBOLS.map((symbols) => [symbols, []]));
  for (let round = 0; round < size.rounds; round += 1) {
    for (const name of rotated(CONTENDERS, round))
      all[name].push(await measure(name, 'market', size.symbols));
    for (const symbols of rotated(SYMBOLS, round)) {
      prices.get(symbols)?.push(await measure('ours', 'prices', symbols));
    }
  }
  const cpu = (name: Contender): readonly number[] => all[name].map((one) => one.cpu);
  return {
    size,
    contenders: { ours: medians(all.ours), ccxt: medians(all.ccxt), ws: medians(all.ws) },
    rateOfCcxt: ratioOf(cpu('ccxt'), cpu('ours')),
    rateOfWs: ratioOf(cpu('ws'), cpu('ours')),
    prices: SYMBOLS.map((symbols) => ({ symbols, ...medians(prices.get(symbols) ?? []) })),
  };
};

const medians = (rounds: readonly Measured[]): Measured => ({
  cpu: rounded(median(rounds.map(({ cpu }) => cpu)), 2),
  allocated: rounded(median(rounds.map(({ allocated }) => allocated)), 0),
  rss: rounded(median(rounds.map(({ rss }) => rss)), 1),
});
