import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import { startEngine } from '../../infra/local/dynamo-engine.ts';
import { listenLocally } from '../../infra/local/ports.ts';
import { readSettings } from '../../infra/local/settings.ts';
import { createExchange, type Exchange, systemClock } from '../../lib/simulator/exchange.ts';
import { listen } from '../../lib/simulator/server.ts';
import { type DynamoProxy, startProxy } from './dynamo-proxy.ts';
import { keptAssembly } from './kept-assembly.ts';
import { removeFolder, temporaryFolder } from './local-folders.ts';
import { type Local, startLocal } from './local-stack.ts';
import { createMemoryDynamo } from './memory-dynamo/engine.ts';
import { listenAsDynamo } from './memory-dynamo/http-front.ts';
import { waitFor } from './wait-for.ts';

/** What was counted while something ran. */
export interface Counted {
  /** Requests to the exchange. */
  readonly exchange: number;
  /** Requests to DynamoDB. */
  readonly tables: number;
  readonly reads: number;
  readonly writes: number;
  /** Bytes as CloudWatch counts them: 26 more for each line. */
  readonly log: number;
  /** Write units of one table. */
  writesOf(table: string): number;
  /** Requests to the exchange for one path. */
  pathsOf(path: string): number;
}

export interface CostRun extends Local {
  readonly market: Exchange;
  /** What the exchange's clock is ahead of ours, ms. */
  readonly aheadMs: number;
  /** The template that runs. */
  readonly template: unknown;
  /** Everything since the start, or since the last count. */
  counted(work?: () => Promise<unknown>): Promise<Counted>;
  /** Ends the process of a function while it waits for candles, so that its next run is another process's. */
  end(name: string, event: object): Promise<void>;
}

const Named = z.looseObject({ TableName: z.string().optional() });
const READS = new Set(['GetItem', 'BatchGetItem', 'Query', 'Scan', 'TransactGetItems']);
/** What a start does once, and no deployed stack ever does. */
const MAKING = new Set([
  'ListTables',
  'CreateTable',
  'DescribeTable',
  'UpdateTimeToLive',
  'DescribeTimeToLive',
]);
const LINE_BYTES = 26;
const MINUTE = 60_000;
const KLINES = '/api/v3/klines';

/**
 * The template under this configuration beside an exchange with these symbols, its schedules all but standing still. Candles,
 * which are bytes, lie in a real engine; everything else in the one that counts transactions as DynamoDB does.
 */
export const startCounting = async (configuration: {
  readonly symbols: readonly string[];
  readonly [setting: string]: unknown;
}): Promise<CostRun> => {
  await using parts = new AsyncDisposableStack();
  const folder = parts.adopt(temporaryFolder(), removeFolder);
  const config = join(folder, 'config.json');
  writeFileSync(config, JSON.stringify(configuration));
  const assembly = parts.adopt(await keptAssembly(config), removeFolder);
  const template = withoutSchedules(assembly);
  const market = createExchange({
    seed: 'cost',
    clock: systemClock,
    symbols: configuration.symbols.map((symbol) => ({
      symbol,
      baseAsset: symbol.replace(/USDT$/, ''),
      lastPrice: '100.00',
      baseAssetPrecision: 3,
      quotePrecision: 2,
      quoteAssetPrecision: 2,
    })),
  });
  // Twenty past: an hour that ends in between would make a pull read and write two windows of candles.
  const aheadMs = 20 * MINUTE - (Date.now() % (60 * MINUTE));
  market.apply({ do: 'clock', with: { skewMs: aheadMs } });
  const server = parts.adopt(await listen(market), (it) => it.close());
  const engine = parts.adopt(
    await startEngine(readSettings({ PORT: '0', DATA_DIR: folder }), () => {}),
    (it) => it.stop(),
  );
  const memory = parts.adopt(await listenAsDynamo(createMemoryDynamo(systemClock, [])), (it) => it.close());
  const router = parts.adopt(await route(engine.endpoint, memory.endpoint), (it) => it.close());
  const proxy = parts.adopt(await startProxy(router.url, { capacity: true }), (it) => it.close());
  const local = parts.adopt(
    await startLocal({
      assembly,
      env: {
        CONFIG: config,
        DYNAMODB_ENDPOINT: proxy.url,
        MEXC_REST_URL: server.url,
        MEXC_WS_URL: `${server.url.replace('http', 'ws')}/ws`,
      },
    }),
    (it) => it.stop(),
  );
  const all = parts.move();
  let [seen, lines] = [0, 0];
  return {
    ...local,
    market,
    aheadMs,
    template,
    counted: async (work) => {
      if (work) {
        await proxy.idle();
        proxy.forget();
        [seen, lines] = [market.journal().length, local.logs().length];
        await work();
      }
      await local.settled(20_000);
      await proxy.idle();
      const counted = count(proxy, local.logs().slice(lines));
      const requests = market.journal().slice(seen);
      [seen, lines] = [market.journal().length, local.logs().length];
      return {
        ...counted,
        exchange: requests.length,
        pathsOf: (path) => requests.filter((each) => each.path === path).length,
      };
    },
    end: async (name, event) => {
      market.apply({ do: 'fault', with: { kind: 'hang', executed: false, match: { path: KLINES } } });
      const before = market.journal({ path: KLINES }).length;
      const run = local.invoke(name, event);
      await waitFor(
        'a request for candles',
        () => market.journal({ path: KLINES }).length > before || undefined,
      );
      for (const id of local.working(name)) process.kill(id, 'SIGKILL');
      await run;
      market.apply({ do: 'faultsCleared', with: {} });
    },
    stop: () => all.disposeAsync(),
  };
};

const count = (
  { calls }: Pick<DynamoProxy, 'calls'>,
  logs: readonly string[],
): Omit<Counted, 'exchange' | 'pathsOf'> => {
  const own = calls.filter(({ operation }) => !MAKING.has(operation));
  const units = (some: typeof own): number => some.reduce((sum, call) => sum + (call.units ?? 0), 0);
  const written = own.filter(({ operation }) => !READS.has(operation));
  return {
    tables: own.length,
    reads: units(own) - units(written),
    writes: units(written),
    writesOf: (table) => units(written.filter(({ body }) => JSON.stringify(body).includes(`"${table}"`))),
    // In front of each line stand its time and its function here.
    log: logs.reduce((sum, line) => sum + Buffer.byteLength(line.replace(/^\S+ \S+ /, '')) + LINE_BYTES, 0),
  };
};

/** @returns the template as it was */
const withoutSchedules = (assembly: string): unknown => {
  const file = readdirSync(assembly).find((name) => name.endsWith('.template.json'));
  const path = join(assembly, file ?? '');
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, text.replace(/"rate\([^)]*\)"/g, '"rate(1 day)"'));
  return JSON.parse(text);
};

/** Requests about the table of candles go to one engine, all others to the other. */
const route = (candles: string, others: string) =>
  listenLocally(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    const body = Buffer.concat(chunks).toString('utf8');
    const isAboutCandles =
      Named.safeParse(JSON.parse(body)).data?.TableName === 'Candles' ||
      /"RequestItems":\{"Candles"/.test(body);
    const headers = Object.fromEntries(
      ['x-amz-target', 'content-type', 'authorization', 'x-amz-date'].flatMap((name) => {
        const value = incoming.headers[name];
        return typeof value === 'string' ? [[name, value]] : [];
      }),
    );
    const answer = await fetch(isAboutCandles ? candles : others, { method: 'POST', headers, body });
    outgoing.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.0' });
    outgoing.end(await answer.text());
  });
