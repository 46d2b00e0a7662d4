import * as z from 'zod';
import { StreamFaultRule } from './fault-rule.ts';

/** What pushes and answers look like where the reference page leaves it open. */
const StreamForm = z.strictObject({
  /** Whether pushes have the fields of 2026-06-17 (section 13, question 12). */
  newFields: z.boolean().default(true),
  /** 'exchange' puts the exchange's id into the client id of an order, as the docs' sample does. */
  clientIds: z.enum(['client', 'exchange']).default('client'),
  /** 'other' gives own trades ids that REST does not know. */
  tradeIds: z.enum(['same', 'other']).default('same'),
  /** What is said of several channels when only some are let in (section 13, question 14). */
  mixed: z.enum(['accepted', 'refused', 'both']).default('accepted'),
});

export const ActiveStreamFault = z.strictObject({
  id: z.int(),
  rule: StreamFaultRule,
  seen: z.int(),
  applied: z.int(),
});
export type ActiveStreamFault = z.infer<typeof ActiveStreamFault>;

/**
 * What the stream keeps beyond a restart. Connections are gone then, as sockets are, and what they heard since the last snapshot
 * is no input: a state file takes the commands again, but not how often their faults hit a push.
 */
export const StreamState = z.strictObject({
  form: StreamForm.prefault({}),
  faults: z.array(ActiveStreamFault).default([]),
});
export type StreamState = z.infer<typeof StreamState>;

/** Changes of the form; absent means unchanged. */
export const StreamFormChanges = z.strictObject({
  newFields: StreamForm.shape.newFields.unwrap().optional(),
  clientIds: StreamForm.shape.clientIds.unwrap().optional(),
  tradeIds: StreamForm.shape.tradeIds.unwrap().optional(),
  mixed: StreamForm.shape.mixed.unwrap().optional(),
});
