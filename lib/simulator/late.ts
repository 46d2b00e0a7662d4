import * as z from 'zod';
import { Effects } from './effects.ts';
import { Wire } from './request.ts';
import type { State } from './state.ts';

/** A request that was let in and waits for its execution. */
export const LateRequest = z.strictObject({
  /** Its number in the journal. */
  seq: z.int(),
  /** True times of its arrival and of its execution. */
  arrivedAt: z.int(),
  due: z.int(),
  wire: Wire,
  effects: Effects,
});
export type LateRequest = z.infer<typeof LateRequest>;

/** Keeps the queue in the order of execution: by time, then by arrival. */
export function enqueue(state: State, request: LateRequest): void {
  const at = state.late.findIndex((other) => other.due > request.due);
  state.late.splice(at < 0 ? state.late.length : at, 0, request);
}

/** Takes the next request that is due at the true time `at` out of the queue. */
export function nextDue(state: State, at: number): LateRequest | undefined {
  const first = state.late[0];
  return first !== undefined && first.due <= at ? state.late.shift() : undefined;
}
