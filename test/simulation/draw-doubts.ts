import type { Chance } from './chance.ts';
import { drawCrowd, type Terms } from './draw-provocations.ts';
import type { Events, ExchangeFault } from './plan.ts';

/** Alerts of these provocations are numbered from here on. */
const FIRST_ALERT = 900;
/** A strategy that sends again what was proven absent, where a plan allows that to any; and others with lanes of their own. */
export const PERSISTENT = 'persistent';
export const DOUBTERS = ['doubter', 'sceptic', 'waverer'];

const PLACING = 'POST /api/v3/order';
const ADMISSION = 'TransactWriteItems Orders+Positions+Strategies';
const match = { method: 'POST', path: '/api/v3/order' };

type Provoked = Pick<Events, 'deliveries' | 'exchangeFaults' | 'wireFaults' | 'stops' | 'runs'>;

/**
 * One who has something to say of an attempt stands still until the attempt was proven absent and the next one is in doubt:
 * the owner with its answer, the owner before it sends, or another run with the same proof.
 */
export const drawLateWord = (chance: Chance, terms: Terms, busy: number): Provoked => {
  const at = chance.whole(1_000, busy - 14_000);
  const [symbol = ''] = terms.symbols;
  const only = { ...terms, symbols: [symbol], names: [PERSISTENT] };
  const lost = (from: number): ExchangeFault => ({
    point: PLACING,
    at: from,
    fault: { kind: 'drop-before', match },
  });
  const code = chance.pick([30004, 30016, 10101, 700003, 10073]);
  const refused: ExchangeFault = { point: PLACING, at, fault: { kind: 'code', match, code } };
  const who = chance.pick(['answer', 'answer', 'sending', 'proof', 'proof'] as const);
  const ms = chance.whole(27_000, 40_000);
  // Who knew how long it was away would hold its word to be too late.
  const behind = who === 'sending' ? ms - chance.pick([0, 1_600, 1_800]) : ms;
  const stop = {
    answer: { point: `after ${PLACING}`, at, stop: { kind: 'freeze', ms, behind } },
    sending: { point: `after ${ADMISSION}`, at, stop: { kind: 'freeze', ms, behind } },
    proof: {
      point: `before ${ADMISSION}`,
      at: at + 13_000,
      stop: { kind: 'freeze', ms: chance.whole(22_000, 34_000) },
    },
  } as const;
  return {
    deliveries: drawCrowd(chance, only, FIRST_ALERT, () => at, 1, chance.happens(0.5)),
    exchangeFaults: [
      ...(who === 'answer' ? [refused] : who === 'proof' ? [lost(at)] : []),
      ...[10_000, 10_000, 10_000].map((later) => lost(at + later)),
    ],
    wireFaults: [],
    stops: [stop[who]],
    // Whoever comes while another run is at work waits for it, and takes over if that stands still.
    runs: [4_000, 15_000, 24_000, 40_000].map((later) => ({ at: at + later + chance.whole(0, 3_000) })),
  };
};

/** Requests that never arrive, and then a way to the exchange so slow that its clock seems to be ahead. */
export const drawSlowClock = (chance: Chance, terms: Terms, busy: number): Provoked => {
  const at = chance.whole(2_000, busy - 12_000);
  const [symbol = ''] = terms.symbols;
  const only = { ...terms, symbols: [symbol], names: DOUBTERS };
  const ms = chance.whole(2_200, 2_900);
  return {
    deliveries: drawCrowd(
      chance,
      only,
      FIRST_ALERT + 20,
      () => at + chance.whole(0, 60),
      DOUBTERS.length,
      true,
    ),
    exchangeFaults: DOUBTERS.map(() => ({ point: PLACING, at, fault: { kind: 'drop-before', match } })),
    wireFaults: Array.from({ length: 100 }, () => ({
      point: 'GET /api/v3/time',
      at,
      kind: 'delay' as const,
      ms,
    })),
    stops: [],
    runs: [{ at: at + chance.whole(3_000, 9_000) }],
  };
};

/** Orders that the exchange takes so long to put into its book that they are held never to have reached it. */
export const drawLateBook = (chance: Chance, terms: Terms, busy: number): Provoked => {
  const at = chance.whole(2_000, busy - 12_000);
  const [symbol = ''] = terms.symbols;
  const only = { ...terms, symbols: [symbol], names: DOUBTERS };
  return {
    deliveries: drawCrowd(
      chance,
      only,
      FIRST_ALERT + 40,
      () => at + chance.whole(0, 60),
      DOUBTERS.length,
      chance.happens(0.5),
    ),
    exchangeFaults: DOUBTERS.map(() => ({
      point: PLACING,
      at,
      fault: { kind: 'late', match, ms: chance.whole(25_000, 45_000), reply: 'lost' },
    })),
    wireFaults: [],
    stops: [],
    runs: [{ at: at + chance.whole(3_000, 9_000) }],
  };
};
