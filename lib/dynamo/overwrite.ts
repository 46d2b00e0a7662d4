import { AppError, StoreUnavailableError } from '../domain/errors.ts';
import type { CallOptions } from '../domain/ports.ts';
import type { Changed } from '../domain/strategy.ts';
import { type Dynamo, nameOf, pauses } from './client.ts';
import type { Item } from './items.ts';

/** What the same request meets again whenever it is sent. */
const HOPELESS = /Validation|AccessDenied|ResourceNotFound|UnrecognizedClient|Serialization/;

/**
 * Repeats a call through conflicts, throttling and lost answers until the deadline (order protocol, 10.1 and 12.2: plain
 * writes too meet the transactions of admissions).
 * @throws StoreUnavailableError when the time is up
 */
export const persistently = async <T>(
  { clock, random }: Dynamo,
  { deadline }: CallOptions,
  call: () => Promise<T>,
): Promise<T> => {
  const pause = pauses(random);
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (error instanceof AppError) throw error;
      const wait = pause();
      if (HOPELESS.test(nameOf(error)) || clock.now() + wait >= deadline) {
        throw new StoreUnavailableError(`the store did not take it in time: ${nameOf(error)}`, {
          cause: error,
        });
      }
      await clock.sleep(wait);
    }
  }
};

/** What an operator's change is decided on. */
export interface Seen {
  readonly epoch: number;
  readonly changed?: Changed | undefined;
}

/** The condition that mode and epoch are as they were read. Before the first change of a mode there may be no epoch. */
export const asSeen = ({ epoch, changed }: Seen): { readonly condition: string; readonly values: Item } => ({
  condition: [
    epoch === 0 ? '(attribute_not_exists(#epoch) OR #epoch = :epoch)' : '#epoch = :epoch',
    changed ? '#changed.#id = :seen' : 'attribute_not_exists(#changed)',
  ].join(' AND '),
  values: { ':epoch': epoch, ...(changed && { ':seen': changed.id }) },
});

/**
 * Read, write under what was read, and again when somebody else came between, until it holds. The condition also makes a
 * repetition, and a write that applies after its caller gave up, harmless: it finds another change there, its own or a later one.
 * @returns what this write left, or found that it had left; `superseded` when a change that loosens met somebody else's
 */
export const overwrite = async <State extends Seen>(
  dynamo: Dynamo,
  id: string,
  options: CallOptions,
  steps: {
    readonly read: () => Promise<State>;
    /** @returns the item after, `undefined` when it was not as read any more */
    readonly write: (before: State) => Promise<State | undefined>;
    readonly loosens: (before: State) => boolean;
  },
): Promise<State | 'superseded'> => {
  const pause = pauses(dynamo.random);
  let first: State | undefined;
  for (;;) {
    const before = await persistently(dynamo, options, steps.read);
    if (before.changed?.id === id) return before;
    first ??= before;
    const isAnother = before.epoch !== first.epoch || before.changed?.id !== first.changed?.id;
    if (isAnother && steps.loosens(before)) return 'superseded';
    const after = await persistently(dynamo, options, () => steps.write(before));
    if (after) return after;
    const wait = pause();
    if (dynamo.clock.now() + wait >= options.deadline)
      throw new StoreUnavailableError('others kept changing it until there was no time left');
    await dynamo.clock.sleep(wait);
  }
};
