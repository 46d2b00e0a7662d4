import type { PbfWriter } from 'pbf';

/** How the fields that the page leaves open are written. */
export type WireForm = {
  /** Whether the fields of 2026-06-17 are there. */
  newFields: boolean;
  /** Adds fields that no table names, to the wrapper and to its body. */
  unknown: boolean;
};

/** Writes one message with everything in it. */
export type Writer<T> = (message: T, pbf: PbfWriter) => void;

// Proto3 defaults are not on the wire.

export function text(pbf: PbfWriter, tag: number, value: string): void {
  if (value !== '') pbf.writeStringField(tag, value);
}

/** int32 and int64. */
export function whole(pbf: PbfWriter, tag: number, value: number): void {
  if (value !== 0) pbf.writeVarintField(tag, value);
}

export function flag(pbf: PbfWriter, tag: number, value: boolean): void {
  if (value) pbf.writeBooleanField(tag, value);
}

/** Fields declared `optional` are written whenever they are set, empty or not. */
export function optionalText(pbf: PbfWriter, tag: number, value: string | undefined): void {
  if (value !== undefined) pbf.writeStringField(tag, value);
}

export function optionalWhole(pbf: PbfWriter, tag: number, value: number | undefined): void {
  if (value !== undefined) pbf.writeVarintField(tag, value);
}

export function each<T>(pbf: PbfWriter, tag: number, items: readonly T[], write: Writer<T>): void {
  for (const item of items) pbf.writeMessage(tag, write, item);
}
