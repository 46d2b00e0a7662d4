import { nextFraction, type Randomness, seedOf } from '../random.ts';
import type { State } from '../state.ts';
import type { StreamFaultRule, StreamMatch } from './fault-rule.ts';
import type { ActiveStreamFault } from './stream-state.ts';

/** Something that faults may hit, at the true time `at`. */
export type Moment = {
  on: 'push' | 'subscribe' | 'ping' | 'connect' | 'key';
  at: number;
  channel?: string;
  symbol?: string;
  /** The number of the connection. */
  connection?: number;
};

/** A rule that hits, with a source of chance of its own. */
export type Strike = { rule: StreamFaultRule; source: Randomness };

const DEPTH = 'spot@public.aggre.depth.v3.api.pb@';

/** Counts the moment against every fault of the stream; those that hit it in the order they were added. */
export function strikesOf(state: State, moment: Moment): Strike[] {
  const { faults } = state.stream;
  if (faults.length === 0) return [];
  const strikes: Strike[] = [];
  for (const fault of faults) {
    if (!fits(fault.rule, moment)) continue;
    fault.seen += 1;
    const source = chanceOf(state, fault);
    if (!hits(fault, source)) continue;
    fault.applied += 1;
    strikes.push({ rule: fault.rule, source });
  }
  return strikes;
}

/**
 * How long a listen key made at `at` is valid, in milliseconds.
 * Its faults count nothing but keys that are made, so that a state file replays them.
 */
export function keyLifetime(state: State, at: number, usual: number): number {
  for (const { rule } of strikesOf(state, { on: 'key', at })) {
    if (rule.kind === 'expire-key') return Math.min(usual, rule.ms);
  }
  return usual;
}

/** Each moment of each fault has draws of its own: no fault moves another's, nor any draw of the rest of the exchange. */
function chanceOf(state: State, { id, seen }: ActiveStreamFault): Randomness {
  return { rng: seedOf(`${state.candles.seed} stream ${id} ${seen}`) };
}

function hits({ rule, seen, applied }: ActiveStreamFault, source: Randomness): boolean {
  const { nth, times, probability } = rule.match;
  if (nth !== undefined && seen !== nth) return false;
  if (times !== undefined && applied >= times) return false;
  return probability === undefined || nextFraction(source) < probability;
}

function fits(rule: StreamFaultRule, moment: Moment): boolean {
  if (momentOf(rule) !== moment.on) return false;
  if (rule.kind === 'gap' && !moment.channel?.startsWith(DEPTH)) return false;
  return isMeant(rule.match, moment);
}

function momentOf(rule: StreamFaultRule): Moment['on'] {
  if ('on' in rule) return rule.on;
  if (rule.kind === 'refuse') return 'subscribe';
  if (rule.kind === 'no-connect') return 'connect';
  return rule.kind === 'expire-key' ? 'key' : 'push';
}

function isMeant(match: StreamMatch, moment: Moment): boolean {
  if (match.channel !== undefined && !moment.channel?.startsWith(match.channel)) return false;
  if (match.symbol !== undefined && match.symbol !== moment.symbol) return false;
  if (match.connection !== undefined && match.connection !== moment.connection) return false;
  if (match.from !== undefined && moment.at < match.from) return false;
  return match.to === undefined || moment.at < match.to;
}
