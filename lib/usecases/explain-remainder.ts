import { StoreUnavailableError } from '../domain/errors.ts';
import type { CallOptions } from '../domain/ports.ts';
import type { Remainder } from '../domain/snapshot.ts';
import type { Controlling } from './controlling.ts';

/** What became of a remainder that the operator names. */
export type Explained =
  | { readonly kind: 'closed'; readonly remainder: Remainder }
  /** There is no open remainder of this id; these are open. */
  | { readonly kind: 'unknown'; readonly open: readonly string[] };

/**
 * Closes a remainder by the operator's word: a deposit, a withdrawal, a trade by hand. The newest snapshot carries all that is
 * open, so it is written anew under its version.
 * @throws StoreUnavailableError when no answer came in time: it may be closed, a repeat is safe
 */
export const explainRemainder = async (
  id: string,
  reason: string,
  { balances, clock }: Pick<Controlling, 'balances' | 'clock'>,
  options: CallOptions,
): Promise<Explained> => {
  for (;;) {
    const snapshot = await balances.latest(options);
    const open = snapshot?.open ?? [];
    const remainder = open.find((each) => each.id === id);
    const before = snapshot?.closed.find((each) => each.id === id);
    if (before) return { kind: 'closed', remainder: before };
    if (!snapshot || !remainder) return { kind: 'unknown', open: open.map((each) => each.id) };
    const closed: Remainder = { ...remainder, note: reason, closedAt: clock.now() };
    const after = {
      ...snapshot,
      open: open.filter((each) => each.id !== id),
      closed: [...snapshot.closed, closed],
      version: snapshot.version + 1,
    };
    if (await balances.save(after, options)) {
      // A snapshot that was written meanwhile has taken the open remainder over: it is closed there too.
      const newest = await balances.latest(options);
      if (!newest?.open.some((each) => each.id === id)) return { kind: 'closed', remainder: closed };
    }
    if (clock.now() >= options.deadline)
      throw new StoreUnavailableError('others kept writing the snapshot until there was no time left');
  }
};
