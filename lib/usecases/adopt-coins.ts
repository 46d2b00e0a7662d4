import type { AdoptRequest } from '../domain/control-request.ts';
import { StoreUnavailableError } from '../domain/errors.ts';
import { type Lane, withAdoption } from '../domain/lane.ts';
import type { CallOptions } from '../domain/ports.ts';
import type { Controlling } from './controlling.ts';

export interface Adopted {
  readonly lane: Lane;
  readonly id: string;
  /** This very adoption was in the lane already. */
  readonly duplicate: boolean;
}

/**
 * Puts coins into a position under the lane's version, so that no order is sized on what has just changed. The entry is part
 * of the same item: it is there exactly when the coins are.
 * @throws StoreUnavailableError when no answer came in time: the coins may be in the position, or may come to be
 */
export const adoptCoins = async (
  { strategy, symbol, quantity, cost = '0', id: given }: AdoptRequest,
  reason: string,
  { modes, clock, nonce }: Controlling,
  options: CallOptions,
): Promise<Adopted> => {
  const id = given ?? nonce();
  const at = clock.now();
  let tries = 0;
  for (;;) {
    const lane = await modes.lane(strategy, symbol, options);
    const after = withAdoption(lane, { id, quantity, cost, reason, at });
    // What a try without answer has written is found here, too.
    if (!after) return { lane, id, duplicate: tries === 0 };
    tries += 1;
    if (await modes.saveLane(after, options)) return { lane: after, id, duplicate: false };
    if (clock.now() >= options.deadline)
      throw new StoreUnavailableError('others kept writing the lane until there was no time left');
  }
};
