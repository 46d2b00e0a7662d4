import type { CommandInput } from '../../lib/simulator/exchange.ts';

type StreamFault = Extract<CommandInput, { do: 'streamFault' }>['with'];

const PRIVATE = 'spot@private.';
const ORDERS = 'spot@private.orders';
export const UID = '10000001';

/** In [0, 1). */
type Random = () => number;

const whole = (random: Random, least: number, most: number): number =>
  Math.floor(least + random() * (most - least + 1));
const oneOf = <T>(random: Random, all: readonly T[], first: T): T =>
  all[Math.floor(random() * all.length)] ?? first;

type Draw = (random: Random, now: number) => readonly CommandInput[];

const during =
  (least: number, most: number, fault: (random: Random, match: Match) => StreamFault): Draw =>
  (random, now) => {
    const match = { from: now, to: now + 1_000 * whole(random, least, most) };
    return [{ do: 'streamFault', with: fault(random, match) }];
  };
interface Match {
  readonly from: number;
  readonly to: number;
}
const some = { channel: PRIVATE, probability: 0.5 } as const;
const how = (random: Random) => oneOf(random, ['close', 'destroy'] as const, 'close');

/** A draw of each kind that the exchange has for what the stream task hears: all but `gap`, which is about books. */
const DRAWS: Readonly<Record<string, Draw>> = {
  'drop instead of a push': during(60, 200, (random, match) => ({
    kind: 'drop',
    match: { ...match, channel: PRIVATE, times: whole(random, 1, 3) },
    how: how(random),
  })),
  'drop while subscribing': (random, now) => [
    {
      do: 'streamFault',
      with: { kind: 'drop', on: 'subscribe', match: { from: now, times: 3 }, how: how(random) },
    },
    { do: 'connections', with: { how: 'destroy' } },
  ],
  'drop at a ping': during(60, 120, (random, match) => ({
    kind: 'drop',
    on: 'ping',
    match: { ...match, times: whole(random, 1, 2) },
    how: how(random),
  })),
  'drop as soon as it is open': (random, now) => [
    {
      do: 'streamFault',
      with: { kind: 'drop', on: 'connect', match: { from: now, times: 4 }, how: how(random) },
    },
    { do: 'connections', with: { how: 'close' } },
  ],
  'silence for a while': during(60, 200, (random, match) => ({
    kind: 'silence',
    match: { ...match, channel: PRIVATE, times: 1 },
    ms: whole(random, 2_000, 30_000),
  })),
  'silence for ever': during(60, 200, (_, match) => ({
    kind: 'silence',
    match: { ...match, channel: PRIVATE, times: 1 },
  })),
  'silence from a ping on': during(30, 60, (_, match) => ({
    kind: 'silence',
    on: 'ping',
    match: { ...match, times: 1 },
  })),
  'lost events': during(60, 240, (_, match) => ({ kind: 'lose', match: { ...match, ...some } })),
  'lost news of orders': during(60, 240, (_, match) => ({
    kind: 'lose',
    match: { ...match, channel: ORDERS },
  })),
  'lost acknowledgements': (_, now) => [
    { do: 'streamFault', with: { kind: 'lose', on: 'subscribe', match: { from: now, times: 2 } } },
    { do: 'connections', with: { how: 'destroy' } },
  ],
  'lost pongs': during(20, 60, (_, match) => ({ kind: 'lose', on: 'ping', match })),
  repeats: during(60, 240, (random, match) => ({
    kind: 'repeat',
    match: { ...match, ...some },
    copies: whole(random, 1, 3),
  })),
  'another order of events': during(60, 240, (random, match) => ({
    kind: 'hold',
    match: { ...match, ...some },
    after: whole(random, 1, 3),
    ms: whole(random, 300, 4_000),
  })),
  'late events': during(60, 240, (random, match) => ({
    kind: 'delay',
    match: { ...match, ...some },
    ms: whole(random, 100, 5_000),
  })),
  garbage: during(30, 120, (_, match) => ({ kind: 'garbage', match: { ...match, ...some } })),
  'events that end early': during(30, 120, (_, match) => ({ kind: 'cut', match: { ...match, ...some } })),
  'unknown fields': during(60, 240, (_, match) => ({ kind: 'unknown-field', match })),
  'events as text': during(30, 120, (_, match) => ({ kind: 'wrong-type', match: { ...match, ...some } })),
  'no client ids': during(60, 240, (_, match) => ({ kind: 'no-client-id', match })),
  'refused subscriptions': (random, now) => [
    {
      do: 'streamFault',
      with: { kind: 'refuse', match: { from: now, ...some, times: whole(random, 1, 6) } },
    },
    { do: 'connections', with: { how: 'close' } },
  ],
  'no connection': (random, now) => [
    {
      do: 'streamFault',
      with: { kind: 'no-connect', match: { from: now, to: now + 1_000 * whole(random, 2, 60) } },
    },
    { do: 'connections', with: { how: 'destroy' } },
  ],
  'a key that ends soon': (random, now) => [
    {
      do: 'streamFault',
      with: { kind: 'expire-key', match: { from: now, times: 1 }, ms: 1_000 * whole(random, 20, 900) },
    },
    { do: 'connections', with: { how: 'close' } },
  ],
  'keys that have ended': () => [{ do: 'listenKeyExpired', with: { uid: UID } }],
  'all connections end': (random) => [{ do: 'connections', with: { how: how(random) } }],
  'all connections are silent': () => [{ do: 'connections', with: { how: 'silence' } }],
};

/** One disturbance of the stream, drawn. @param now exchange ms */
export const drawStreamFault = (
  random: Random,
  now: number,
): { readonly name: string; readonly commands: readonly CommandInput[] } => {
  const all = Object.entries(DRAWS);
  const [name, draw] = oneOf(random, all, all[0] ?? ['none', () => []]);
  return { name, commands: [{ do: 'streamFaultsCleared', with: {} }, ...draw(random, now)] };
};
