import protobuf from 'protobufjs/minimal.js';
import { amountFrom } from './amounts.ts';
import { Unreadable } from './unreadable.ts';

type Numbers = Readonly<Record<string, number>>;
type Kind = 'text' | 'amount' | 'integer' | Kinds;
/** By field number. */
type Kinds = readonly (Kind | undefined)[];

/** The fields of a message that are read, by name; all others are skipped. */
export interface Shape<At extends Numbers = Numbers> {
  readonly at: At;
  readonly kinds: Kinds;
}

interface Fields<
  Texts extends Numbers,
  Amounts extends Numbers,
  Integers extends Numbers,
  Lists extends Numbers,
> {
  readonly texts: Texts;
  /** Texts that are numbers. */
  readonly amounts: Amounts;
  /** int32, int64 and bool. */
  readonly integers: Integers;
  /** Repeated messages, all of one shape. */
  readonly lists: Lists;
  readonly of?: Shape;
}

/** A message's table: which fields it has under which numbers. */
export const shape = <
  const Texts extends Numbers,
  const Amounts extends Numbers,
  const Integers extends Numbers,
  const Lists extends Numbers,
>({
  texts,
  amounts,
  integers,
  lists,
  of,
}: Fields<Texts, Amounts, Integers, Lists>): Shape<Texts & Amounts & Integers & Lists> => {
  const kinds: (Kind | undefined)[] = [];
  const add = (fields: Numbers, kind: Kind): void => {
    for (const field of Object.values(fields)) {
      while (kinds.length <= field) kinds.push(undefined);
      kinds[field] = kind;
    }
  };
  add(texts, 'text');
  add(amounts, 'amount');
  add(integers, 'integer');
  add(lists, of?.kinds ?? []);
  return { at: { ...texts, ...amounts, ...integers, ...lists }, kinds };
};

/** What was read of a message, by field number. `null`: an amount that is no number. */
export type Message = readonly Value[];
type Value = string | number | Message[] | null | undefined;

const NONE: readonly Message[] = [];

/** A text; what is not on the wire is empty (proto3). */
export const textAt = (message: Message, field: number): string => {
  const value = message[field];
  return typeof value === 'string' ? value : '';
};

/** A number as plain decimal text without zeros at its end; empty if it is not on the wire. @throws Unreadable */
export const amountAt = (message: Message, field: number): string => {
  const value = message[field];
  if (value === null) throw new Unreadable('an amount is no number');
  return typeof value === 'string' ? value : '';
};

export const integerAt = (message: Message, field: number): number => {
  const value = message[field];
  return typeof value === 'number' ? value : 0;
};

export const listAt = (message: Message, field: number): readonly Message[] => {
  const value = message[field];
  return typeof value === 'object' && value !== null ? value : NONE;
};

const POINT = 46;
const ZERO = 48;
const NINE = 57;
/** Longer numbers are read the long way. */
const USUAL = 40;

/** Parts of a larger frame are copied: they would keep all of it in memory. */
const SMALL_BYTES = 4_096;

/** Reads frames. Their texts are cut out of one text, since making each by itself costs more than all else. */
export class FrameReader extends protobuf.Reader {
  private frame: Buffer = Buffer.alloc(0);
  private latin = '';

  constructor() {
    super(Buffer.alloc(0));
  }

  /** Turns to another frame: making a reader for each would cost as much as reading one. */
  begin(bytes: Uint8Array): void {
    this.frame = Buffer.isBuffer(bytes)
      ? bytes
      : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.latin = bytes.length <= SMALL_BYTES ? this.frame.toString('latin1') : '';
    this.buf = bytes;
    this.pos = 0;
    this.len = bytes.length;
  }

  /** Where the part of this size ends that begins here. */
  endOf(size: number, limit: number): number {
    const end = this.pos + size;
    if (end > limit) throw new Unreadable('a part is longer than what holds it');
    return end;
  }

  text(): string {
    const size = this.size();
    const start = this.pos;
    const end = this.endOf(size, this.len);
    this.pos = end;
    let bits = 0;
    for (let n = start; n < end; n += 1) bits |= this.buf[n] ?? 0;
    return bits < 128 ? this.ascii(start, end) : this.frame.toString('utf8', start, end);
  }

  /** A number as plain decimal text without zeros at its end; `null` if it is none. */
  amount(): string | null {
    const { buf } = this;
    const size = this.size();
    const start = this.pos;
    const end = this.endOf(size, this.len);
    this.pos = end;
    let point = -1;
    for (let n = start; n < end; n += 1) {
      const code = buf[n] ?? 0;
      if (code >= ZERO && code <= NINE) continue;
      if (code !== POINT || point >= 0) return amountFrom(this.ascii(start, end));
      point = n;
    }
    const whole = (point < 0 ? end : point) - start;
    const isUsual = whole > 0 && point !== end - 1 && size <= USUAL && (whole === 1 || buf[start] !== ZERO);
    if (!isUsual) return amountFrom(this.ascii(start, end));
    let last = end;
    if (point >= 0) {
      while (buf[last - 1] === ZERO) last -= 1;
      if (last === point + 1) last = point;
    }
    return this.ascii(start, last);
  }

  /** A varint. Negative numbers are above what a number can hold exactly, and mean nothing in any field that is read. */
  integer(): number {
    const { buf, len } = this;
    let value = 0;
    for (let factor = 1; this.pos < len; factor *= 128) {
      const byte = buf[this.pos] ?? 0;
      this.pos += 1;
      value += (byte & 127) * factor;
      if (byte >= 128) continue;
      if (value > Number.MAX_SAFE_INTEGER) throw new Unreadable('a whole number is out of range');
      return value;
    }
    throw new Unreadable('it ends within a number');
  }

  /** The message that is next, within what ends at `limit`. @throws Unreadable, or what the library throws */
  message(kinds: Kinds, limit: number): Message {
    const values: Value[] = new Array(kinds.length);
    const size = this.size();
    const end = this.endOf(size, limit);
    while (this.pos < end) {
      const tag = this.tag();
      const field = tag >>> 3;
      const wire = tag & 7;
      const kind = kinds[field];
      if (kind === 'amount' && wire === 2) values[field] = this.amount();
      else if (kind === 'text' && wire === 2) values[field] = this.text();
      else if (kind === 'integer' && wire === 0) values[field] = this.integer();
      else if (typeof kind === 'object' && wire === 2) {
        const before = values[field];
        const nested = this.message(kind, end);
        if (typeof before === 'object' && before !== null) before.push(nested);
        else values[field] = [nested];
      } else this.skipType(wire, 0, field);
    }
    if (this.pos !== end) throw new Unreadable('a field is longer than its message');
    return values;
  }

  private ascii(start: number, end: number): string {
    return this.latin === '' ? this.frame.toString('latin1', start, end) : this.latin.slice(start, end);
  }
}
