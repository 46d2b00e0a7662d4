import type { StreamEvent } from '../../domain/stream.ts';
import type { Message } from './protobuf.ts';
import { Unreadable } from './unreadable.ts';

/** What a frame says of its body. */
interface Head {
  readonly symbol: string;
  /** When it was sent by the exchange's word; `undefined` where it does not say. */
  readonly sentAt: number | undefined;
  /** The same, or else when it came. */
  readonly at: number;
}

/** Makes an event of a body. @throws Unreadable */
export type Read = (body: Message, head: Head) => StreamEvent;

/** What must not be missing. */
export const required = (text: string, what: string): string => {
  if (text === '') throw new Unreadable(`${what} is missing`);
  return text;
};

/** A time that must not be missing, epoch ms. */
export const requiredTime = (time: number): number => {
  if (time === 0) throw new Unreadable('the time is missing');
  return time;
};

/** An amount that must not be missing. */
export const number = (amount: string): string => {
  if (amount === '') throw new Unreadable('an amount is missing');
  return amount;
};

/** What may be missing, which is nothing. */
export const orZero = (amount: string): string => (amount === '' ? '0' : amount);
