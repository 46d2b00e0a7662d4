import { setTimeout as wait } from 'node:timers/promises';
import { GCProfiler } from 'node:v8';
import { bookSymbols, channelsOf, symbolsOf } from '../stream-channels.ts';

const [url = '', kind = '', symbols = '', frames = '', warmUp = ''] = process.argv.slice(2);

/** Address of the exchange, of its stream, and what it replays. */
export const exchangeUrl = url;
export const streamUrl = `${url.replace('http', 'ws')}/ws`;
/** What it replays. */
const isMarket = kind === 'market';
export const channels = channelsOf(isMarket ? 'market' : 'prices', Number(symbols));
export const books = bookSymbols(isMarket ? 'market' : 'prices', Number(symbols));
export const symbolNames = symbolsOf(Number(symbols));

const MIB = 2 ** 20;

/** One who reads a stream. */
export interface Reader {
  /** Binary frames so far. */
  readonly frames: () => number;
  /** Whether what comes is read from its beginning, and nothing that came waits. */
  readonly upToDate: () => boolean;
  /** Best bid of a book, if it keeps books. */
  readonly bestBid: (symbol: string) => string | undefined;
}

const until = async (is: () => boolean): Promise<void> => {
  while (!is()) await wait(2);
};

/** Has so many frames replayed, and waits until they are read. */
const replay = async (reader: Reader, count: number): Promise<void> => {
  const goal = reader.frames() + count;
  const ask = () => fetch(`${url}/replay?frames=${count}`);
  while (!(await ask()).ok) await wait(20);
  await until(() => reader.frames() >= goal && reader.upToDate());
};

/**
 * Reads the frames of a recording and prints what one takes, as one line of JSON: CPU of the whole process in µs, bytes
 * allocated, and the memory of the process at the end in MiB.
 */
export const measureStream = async (reader: Reader): Promise<never> => {
  await until(() => reader.upToDate());
  await replay(reader, Number(warmUp));
  const from = reader.frames();
  const before = process.cpuUsage();
  await replay(reader, Number(frames));
  const { user, system } = process.cpuUsage(before);
  const read = reader.frames() - from;
  const { rss } = process.memoryUsage();
  for (const symbol of books) {
    const { price }: { price: string } = JSON.parse(
      await (await fetch(`${url}/best?symbol=${symbol}`)).text(),
    );
    const kept = reader.bestBid(symbol);
    if (kept !== undefined && Number(kept) !== Number(price))
      throw new Error(`${symbol}: ${kept} is not ${price}`);
  }
  const counted = Math.ceil(read / 10);
  const allocated = await allocation(() => replay(reader, counted));
  console.log(
    JSON.stringify({ cpu: (user + system) / read, allocated: allocated / counted, rss: rss / MIB }),
  );
  process.exit();
};

/** Bytes that `run` allocates on the heap: what grew between collections. */
const allocation = async (run: () => Promise<unknown>): Promise<number> => {
  const profiler = new GCProfiler();
  let used = process.memoryUsage().heapUsed;
  profiler.start();
  await run();
  const { statistics } = profiler.stop();
  let bytes = 0;
  for (const { beforeGC, afterGC } of statistics) {
    bytes += beforeGC.heapStatistics.usedHeapSize - used;
    used = afterGC.heapStatistics.usedHeapSize;
  }
  return bytes + process.memoryUsage().heapUsed - used;
};
