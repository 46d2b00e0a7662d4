const [url = '', pages = '', warmUp = ''] = process.argv.slice(2);

/** Address of the exchange. */
export const exchangeUrl = url;

/** Candles of one answer. */
export const PAGE = 480;
const MINUTE = 60_000;

/**
 * Reads pages of 1m candles, one after the other, backwards from yesterday, and prints the CPU per candle in µs (user and system) as a
 * line of JSON.
 * @param read one page by the open time of its first candle; gives the number of candles
 */
export const measureCandles = async (read: (from: number) => Promise<number>): Promise<void> => {
  const yesterday = Date.now() - (Date.now() % 86_400_000) - 86_400_000;
  const readMany = async (first: number, count: number): Promise<number> => {
    let candles = 0;
    for (let n = first; n < first + count; n += 1) candles += await read(yesterday - n * PAGE * MINUTE);
    return candles;
  };
  await readMany(1, Number(warmUp));
  const before = process.cpuUsage();
  const candles = await readMany(1 + Number(warmUp), Number(pages));
  const { user, system } = process.cpuUsage(before);
  if (candles < Number(pages) * PAGE * 0.9) throw new Error(`only ${candles} candles`);
  console.log(JSON.stringify({ cpu: (user + system) / candles }));
};
