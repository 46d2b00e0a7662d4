import * as z from 'zod';
import type { CallOptions, RunLease } from '../domain/ports.ts';
import type { Dynamo } from './client.ts';
import { updateControl } from './conditional-update.ts';
import { CONTROL } from './control.ts';
import { type Item, parseItem } from './items.ts';

/** A run that has not kept its lease for this long is taken for dead, ms. */
const LEASE_MS = 12_000;

const StoredLease = z.object({
  owner: z.string().optional(),
  expires: z.number().optional(),
  marks: z.number(),
});

/** The lease of `reconcile-orders` on one item of `Control`. */
export const createRunLease = (dynamo: Dynamo): RunLease => {
  const update = async (
    change: string,
    condition: string | undefined,
    values: Item,
    options: CallOptions,
  ): Promise<z.infer<typeof StoredLease> | undefined> => {
    const asked = {
      change,
      ...(condition !== undefined && { condition }),
      values,
      returns: 'ALL_NEW',
    } as const;
    const item = await updateControl(dynamo, CONTROL.run, asked, options);
    return item && parseItem(StoredLease, item, 'Control/run');
  };
  const take = (owner: string, condition: string, values: Item, options: CallOptions) =>
    update(
      'SET #owner = :me, #expires = :expires',
      condition,
      { ':me': owner, ':expires': dynamo.clock.now() + LEASE_MS, ...values },
      options,
    );
  return {
    begin: async (owner, options) => {
      // The mark comes first: a run that is about to end then sees it, or has ended and leaves the lease free.
      const marked = await update('ADD #marks :one', undefined, { ':one': 1 }, options);
      const now = dynamo.clock.now();
      if (marked?.owner !== undefined && (marked.expires ?? 0) > now) return undefined;
      const free = 'attribute_not_exists(#owner) OR #expires <= :now';
      return (await take(owner, free, { ':now': now }, options))?.marks;
    },
    keep: async (owner, options) => (await take(owner, '#owner = :me', {}, options))?.marks,
    end: async (owner, marks, options) => {
      const mine = '#owner = :me';
      const unmarked = marks === undefined ? mine : `${mine} AND #marks = :marks`;
      const values = { ':me': owner, ...(marks !== undefined && { ':marks': marks }) };
      if (await update('REMOVE #owner, #expires', unmarked, values, options)) return true;
      // Another mark was left; or the lease is another's by now, and nothing is left to do here.
      return marks === undefined || (await take(owner, mine, {}, options)) === undefined;
    },
  };
};
