import { nextFraction, nextUint32, type Randomness } from '../random.ts';
import { encodePush } from './encode.ts';
import type { Strike } from './faults.ts';
import type { Push } from './messages.ts';

const MOST_GARBAGE = 256;

/** A WebSocket frame: text or binary. */
export type Frame = string | Uint8Array;

/** What all faults hitting one moment do together. */
export type Disturbance = {
  ends: 'close' | 'destroy' | null;
  /** How long the connection says nothing, Infinity for ever. */
  silentMs: number | null;
  lost: boolean;
  copies: number;
  hold: { after: number; ms: number } | null;
  delayMs: number;
  damage: { source: Randomness; garbage: boolean; at: number | null } | null;
  unknown: boolean;
  otherType: boolean;
  noClientId: boolean;
  /** A channel asked for is blocked, or a connection does not come about. */
  refused: boolean;
};

const NOTHING: Disturbance = {
  ends: null,
  silentMs: null,
  lost: false,
  copies: 0,
  hold: null,
  delayMs: 0,
  damage: null,
  unknown: false,
  otherType: false,
  noClientId: false,
  refused: false,
};

/** The first strike wins where two contradict each other; delays and copies add up. */
export function disturbanceOf(strikes: readonly Strike[]): Disturbance {
  if (strikes.length === 0) return NOTHING;
  const all = { ...NOTHING };
  for (const strike of strikes) add(all, strike);
  return all;
}

function add(all: Disturbance, { rule, source }: Strike): void {
  switch (rule.kind) {
    case 'drop':
      all.ends ??= rule.how;
      return;
    case 'silence':
      all.silentMs ??= rule.ms ?? Number.POSITIVE_INFINITY;
      return;
    case 'lose':
    case 'gap':
      all.lost = true;
      return;
    case 'repeat':
      all.copies += rule.copies;
      return;
    case 'hold':
      all.hold ??= { after: rule.after, ms: rule.ms };
      return;
    case 'delay':
      all.delayMs += rule.ms;
      return;
    case 'garbage':
      all.damage ??= { source, garbage: true, at: null };
      return;
    case 'cut':
      all.damage ??= { source, garbage: false, at: rule.at ?? null };
      return;
    case 'unknown-field':
      all.unknown = true;
      return;
    case 'wrong-type':
      all.otherType = true;
      return;
    case 'no-client-id':
      all.noClientId = true;
      return;
    case 'refuse':
    case 'no-connect':
      all.refused = true;
      return;
    case 'expire-key':
      return;
  }
}

/** A push as it goes out. */
export function pushFrame(push: Push, disturbance: Disturbance, newFields: boolean): Frame {
  const whole = disturbance.noClientId ? withoutClientId(push) : push;
  const bytes = damaged(encodePush(whole, { newFields, unknown: disturbance.unknown }), disturbance.damage);
  return disturbance.otherType ? Buffer.from(bytes).toString('utf8') : bytes;
}

/** An answer as it goes out. */
export function answerFrame(answer: string, { otherType }: Disturbance): Frame {
  return otherType ? Buffer.from(answer) : answer;
}

function withoutClientId(push: Push): Push {
  const { body } = push;
  if (body.of === 'privateOrders') {
    return { ...push, body: { of: body.of, message: { ...body.message, clientId: '' } } };
  }
  if (body.of === 'privateDeals') {
    return { ...push, body: { of: body.of, message: { ...body.message, clientOrderId: '' } } };
  }
  return push;
}

function damaged(bytes: Uint8Array, damage: Disturbance['damage']): Uint8Array {
  if (damage === null) return bytes;
  const { source, garbage, at } = damage;
  if (!garbage) return bytes.subarray(0, at ?? Math.floor(nextFraction(source) * bytes.length));
  // Seven in the first byte is a wire type that does not exist, so nothing can take the rest for a push.
  const noise = [0xff];
  for (let left = nextUint32(source) % MOST_GARBAGE; left > 0; left--) noise.push(nextUint32(source) % 256);
  return Uint8Array.from(noise);
}
