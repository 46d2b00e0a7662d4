/** What one invocation takes, as counted in a local run (test/integration/cost.test.ts counts it again). */
export interface Work {
  /** Requests to the exchange. */
  readonly exchange: number;
  /** Requests to DynamoDB. */
  readonly tables: number;
  readonly reads: number;
  readonly writes: number;
  /** Bytes that its lines take in CloudWatch, 26 for each line included. */
  readonly log: number;
}

/**
 * How long a request takes from Tokyo, ms. Assumed, since a local run cannot tell: the exchange and DynamoDB as measured from
 * the region by others, and everything one after the other, which is more than it is.
 */
const EXCHANGE_MS = 60;
const TABLE_MS = 8;
const OWN_MS = 15;
/** Reads of the exchange are paced at eight a second from the ninth on. */
const PACED_MS = 125;
const PACED_FROM = 8;
/** A process that was not there takes so long to come up; that is billed too. */
export const COLD_MS = 400;

/** Bytes of one symbol's rules in a scan, and of a block that DynamoDB reads for half a unit. */
const RULES_BYTES = 300;
const BLOCK = 4_096;

/** Half units of a scan of the rules of all symbols. */
const scanOfRules = (symbols: number): number => Math.ceil((symbols * RULES_BYTES) / BLOCK) / 2;

/** @param ms billed beside the requests; undefined for a part of an invocation that exists anyhow */
export const gbSecondsOf = (
  { exchange, tables }: Pick<Work, 'exchange' | 'tables'>,
  memoryMb: number,
  ms: number | undefined,
): number => {
  const waits = exchange * (exchange > PACED_FROM ? PACED_MS : EXCHANGE_MS) + tables * TABLE_MS;
  const own = ms === undefined ? 0 : OWN_MS + ms;
  return ((own + waits) / 1_000) * (memoryMb / 1_024);
};

/** An alert that becomes a market order and is filled: half of them by amount, half of them closing. */
export const ALERT: Work = { exchange: 4, tables: 10, reads: 33, writes: 48, log: 1_162 };
/** What an order takes of a run of the reconciler that sees it among the account's latest ones. */
export const SIGHTING: Work = { exchange: 0, tables: 1.2, reads: 2, writes: 0, log: 0 };
/** Runs that see an order: two in its first minute, and one an hour that looks a day back. */
const SIGHTINGS = 26;
export const SEEN_AGAIN: Work = {
  ...SIGHTING,
  tables: SIGHTINGS * SIGHTING.tables,
  reads: SIGHTINGS * SIGHTING.reads,
};
/** An alert with a wrong token. */
export const UNAUTHORIZED: Work = { exchange: 0, tables: 0, reads: 0, writes: 0, log: 203 };
/** An alert that a limit refuses; it is stored. */
export const REFUSED: Work = { exchange: 0, tables: 3, reads: 11, writes: 7, log: 203 };

/** A run of the reconciler with nothing to settle: it looks through one symbol that was traded before. */
export const idleRun = (symbols: number): Work => ({
  exchange: 4,
  tables: 24,
  reads: 15.5 + 2 * scanOfRules(symbols),
  writes: 9,
  log: 262,
});

/** Once an hour the rules of all symbols are read and stored. */
export const refresh = (symbols: number): Work => ({
  exchange: 2,
  tables: 2,
  reads: 0,
  writes: symbols,
  log: 0,
});

/** One snapshot of a small account. */
export const snapshot = (symbols: number): Work => ({
  exchange: 4,
  tables: 15,
  reads: 11 + scanOfRules(symbols),
  writes: 7,
  log: 1_025,
});

/** Windows that are read for a series with every pull, one unit each. */
const WINDOWS_READ = 3;
const PULL_LOG = 700;

/** Write units that a series' candles take in a pull: its window, and now and then a second one or its record. */
const candleWrites = (newCandles: number): number =>
  Math.min(1, newCandles) * (1 + 0.05 * Math.max(1, newCandles));

/** @param minutes of the series' intervals, one for each series */
export const pull = (minutes: readonly number[], everyMinutes: number): Work => {
  const news = minutes.map((length) => everyMinutes / length);
  const asked = news.reduce((sum, each) => sum + Math.min(1, each), 0);
  return {
    exchange: asked,
    // The list of series; of each its windows, the turn in the exchange's budget, and what is written.
    tables: 1 + minutes.length + 2 * asked,
    reads: 0.5 + WINDOWS_READ * minutes.length,
    writes: asked + news.reduce((sum, each) => sum + candleWrites(each), 0),
    log: PULL_LOG,
  };
};
