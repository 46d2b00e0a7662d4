/** Numbers of any size as bits, most significant first. */
export interface BitWriter {
  /** The lowest `count` bits of a number that is not negative. */
  write(value: bigint, count: number): void;
  /** Everything so far, the last byte filled up with zeros. */
  bytes(): Uint8Array;
}

export interface BitReader {
  /** @throws RangeError behind the end */
  read(count: number): bigint;
  /** Whether nothing but the zeros that fill the last byte is left. */
  isAtEnd(): boolean;
}

/** Bits handled at once: fits a signed 32-bit integer together with what a byte holds already. */
const CHUNK = 16;
const CHUNK_MASK = 0xffffn;

export const bitWriter = (): BitWriter => {
  const bytes: number[] = [];
  let held = 0;
  let heldBits = 0;
  const put = (value: number, count: number): void => {
    held = (held << count) | value;
    heldBits += count;
    while (heldBits >= 8) {
      heldBits -= 8;
      bytes.push((held >>> heldBits) & 0xff);
    }
    held &= (1 << heldBits) - 1;
  };
  return {
    write: (value, count) => {
      let left = count;
      for (; left > CHUNK; left -= CHUNK) put(Number((value >> BigInt(left - CHUNK)) & CHUNK_MASK), CHUNK);
      put(Number(value & ((1n << BigInt(left)) - 1n)), left);
    },
    bytes: () => Uint8Array.from(heldBits > 0 ? [...bytes, (held << (8 - heldBits)) & 0xff] : bytes),
  };
};

export const bitReader = (bytes: Uint8Array): BitReader => {
  let at = 0;
  const get = (count: number): number => {
    if (at + count > bytes.length * 8) throw new RangeError('the rows end too early');
    let value = 0;
    for (let left = count; left > 0; ) {
      const free = 8 - (at & 7);
      const take = Math.min(free, left);
      value = (value << take) | (((bytes[at >> 3] ?? 0) >> (free - take)) & ((1 << take) - 1));
      at += take;
      left -= take;
    }
    return value;
  };
  return {
    read: (count) => {
      if (count <= CHUNK) return BigInt(get(count));
      let value = 0n;
      let left = count;
      for (; left > CHUNK; left -= CHUNK) value = (value << BigInt(CHUNK)) | BigInt(get(CHUNK));
      return (value << BigInt(left)) | BigInt(get(left));
    },
    isAtEnd: () => {
      const rest = bytes.length * 8 - at;
      return rest < 8 && (rest === 0 || get(rest) === 0);
    },
  };
};
