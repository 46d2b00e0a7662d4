import { GCProfiler } from 'node:v8';

/** What every contender sends: the same limit order under a new id each time. */
export const ORDER = { symbol: 'SOLUSDT', quantity: '1.5', price: '142.5' };
export const KEYS = { accessKey: 'mx0vglBenchAccessKey', secretKey: '0123456789abcdef0123456789abcdef' };

const [url = '', orders = '', warmUp = ''] = process.argv.slice(2);

/** Address of the exchange. */
export const exchangeUrl = url;

const MIB = 2 ** 20;
/** Orders whose allocations are counted, after the others: counting costs time. */
const COUNTED = 500;

/**
 * Places orders one after the other and prints what one takes, as one line of JSON: CPU of the whole process in µs (user
 * and system), milliseconds from the request to the parsed acknowledgement, memory in MiB, allocation in KiB.
 * @param place sends one order and throws unless it was acknowledged
 */
export const measureOrders = async (place: (id: string) => Promise<void>): Promise<void> => {
  let made = 0;
  const placeMany = async (count: number): Promise<number[]> => {
    const times: number[] = [];
    for (let n = 0; n < count; n += 1) {
      made += 1;
      const id = `m${String(made).padStart(25, 'a')}-1`;
      const started = performance.now();
      await place(id);
      times.push(performance.now() - started);
    }
    return times;
  };

  await placeMany(Number(warmUp));
  const before = process.cpuUsage();
  const times = await placeMany(Number(orders));
  const { user, system } = process.cpuUsage(before);
  const { rss } = process.memoryUsage();
  const allocated = await allocation(() => placeMany(COUNTED));
  times.sort((a, b) => a - b);
  console.log(
    JSON.stringify({
      cpu: (user + system) / times.length,
      p50: times[Math.floor(times.length * 0.5)],
      p99: times[Math.floor(times.length * 0.99)],
      rss: rss / MIB,
      allocated: allocated / COUNTED / 1024,
    }),
  );
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
