import { join } from 'node:path';
import { AttributeType } from 'aws-cdk-lib/aws-dynamodb';
import * as z from 'zod';
import { startEngine } from '../../infra/local/dynamo-engine.ts';
import { createTables } from '../../infra/local/dynamo-tables.ts';
import { removeFolder, temporaryFolder } from '../support/local-folders.ts';
import { bundleContender, runProgram, startProgram } from './programs.ts';
import { median, type Ratio, ratioOf, rotated, rounded } from './statistics.ts';

const CONTENDERS = ['ours', 'ccxt'] as const;
type Contender = (typeof CONTENDERS)[number];

const Cpu = z.object({ cpu: z.number() });
const Year = z.object({ candles: z.number(), seconds: z.number(), rssHalf: z.number(), rss: z.number() });

export interface CandleSize {
  readonly rounds: number;
  /** Answers of 480 candles. */
  readonly pages: number;
  readonly warmUp: number;
  /** Days of the backfill. */
  readonly days: number;
}

export interface CandleResults {
  readonly size: CandleSize;
  /** CPU per candle, µs: ours until the item is made and hashed, ccxt's until `fetchOHLCV` has answered. */
  readonly cpu: Readonly<Record<Contender, number>>;
  readonly cpuOfCcxt: Ratio;
  /** A backfill against the simulator without limits, into the embedded engine. Seconds, MiB after half of it and at its end. */
  readonly year: z.infer<typeof Year>;
}

/** @param folder where the bundles are put */
export const benchCandles = async (size: CandleSize, folder: string): Promise<CandleResults> => {
  const file = (name: string): string => join(bundleContender(`candles-${name}`, folder).folder, 'index.cjs');
  const files = new Map(CONTENDERS.map((name) => [name, file(name)]));
  const cpu: Record<Contender, number[]> = { ours: [], ccxt: [] };
  const exchange = await startProgram('candle-exchange');
  try {
    for (let round = 0; round < size.rounds; round += 1) {
      for (const name of rotated(CONTENDERS, round)) {
        const args = [exchange.url, String(size.pages), String(size.warmUp)];
        cpu[name].push(Cpu.parse(JSON.parse(await runProgram(files.get(name) ?? '', args))).cpu);
      }
    }
    return {
      size,
      cpu: { ours: rounded(median(cpu.ours), 2), ccxt: rounded(median(cpu.ccxt), 2) },
      cpuOfCcxt: ratioOf(cpu.ours, cpu.ccxt),
      year: await benchYear(file('year'), exchange.url, size.days),
    };
  } finally {
    await exchange.stop();
  }
};

const benchYear = async (program: string, url: string, days: number): Promise<CandleResults['year']> => {
  const dataDir = temporaryFolder();
  const engine = await startEngine({ dataDir, dynamodbEndpoint: undefined }, () => {});
  try {
    const keys = ['series', 'start'].map((AttributeName) => ({
      AttributeName,
      AttributeType: AttributeType.STRING,
    }));
    await createTables(engine.endpoint, [
      {
        name: 'Candles',
        properties: {
          AttributeDefinitions: keys,
          KeySchema: [
            { AttributeName: 'series', KeyType: 'HASH' },
            { AttributeName: 'start', KeyType: 'RANGE' },
          ],
          GlobalSecondaryIndexes: [],
        },
      },
    ]);
    const year = Year.parse(JSON.parse(await runProgram(program, [url, engine.endpoint, String(days)])));
    return {
      candles: year.candles,
      seconds: rounded(year.seconds, 1),
      rssHalf: rounded(year.rssHalf, 1),
      rss: rounded(year.rss, 1),
    };
  } finally {
    await engine.stop();
    removeFolder(dataDir);
  }
};
