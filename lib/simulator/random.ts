/** Anything that carries the generator's state; the state is part of the snapshot. */
export type Randomness = { rng: number };

/** Hashes a seed to the 32-bit start state (FNV-1a). */
export function seedOf(seed: string | number): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(String(seed))) {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  }
  return hash;
}

/** The next 32-bit number (mulberry32): one integer of state, so a snapshot holds it as plain JSON. */
export function nextUint32(source: Randomness): number {
  source.rng = (source.rng + 0x6d2b79f5) >>> 0;
  let t = source.rng;
  t = Math.imul(t ^ (t >>> 15), t | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return (t ^ (t >>> 14)) >>> 0;
}

/** A fraction in [0, 1). */
export function nextFraction(source: Randomness): number {
  return nextUint32(source) / 0x1_0000_0000;
}

export function nextDigits(source: Randomness, length: number): string {
  let text = '';
  while (text.length < length) text += String(nextUint32(source) % 10);
  return text;
}

export function nextHex(source: Randomness, length: number): string {
  let text = '';
  while (text.length < length) text += nextUint32(source).toString(16).padStart(8, '0');
  return text.slice(0, length);
}
