import * as z from 'zod';
import type { CallOptions, Pace } from '../domain/ports.ts';
import type { Dynamo } from './client.ts';
import { updateControl } from './conditional-update.ts';
import { CONTROL } from './control.ts';
import { parseItem } from './items.ts';

/** Distance of two send tickets: ten a second, below the exchange's twelve. */
const TICKET_MS = 100;

const StoredPace = z.object({ nextAt: z.number().optional() });

/** The next free send time on the item (order protocol, section 12.5). */
const ticket = async (dynamo: Dynamo, latest: number, options: CallOptions): Promise<number | undefined> => {
  const now = dynamo.clock.now();
  if (now > latest) return undefined;
  const free = await updateControl(
    dynamo,
    CONTROL.pace,
    {
      change: 'SET #nextAt = :next',
      condition: 'attribute_not_exists(#nextAt) OR #nextAt <= :now',
      values: { ':now': now, ':next': now + TICKET_MS },
      returns: 'UPDATED_OLD',
    },
    options,
  );
  if (free) return now;
  // The next free time is ahead, and it never moves back: it is this one, or none before `latest`.
  const ahead = await updateControl(
    dynamo,
    CONTROL.pace,
    {
      change: 'SET #nextAt = #nextAt + :step',
      condition: '#nextAt > :now AND #nextAt <= :latest',
      values: { ':step': TICKET_MS, ':now': now, ':latest': latest },
      returns: 'UPDATED_OLD',
    },
    options,
  );
  return ahead && parseItem(StoredPace, ahead, 'Control/pace').nextAt;
};

/** Send tickets and pauses of the account. */
export const createPace = (dynamo: Dynamo): Pace => ({
  ticket: (latest, options) => ticket(dynamo, latest, options),
  pause: async (until, options) => {
    const later = {
      // Whoever knows the version before learns of the pause.
      change: 'SET #pauseUntil = :until ADD #version :one',
      condition: 'attribute_not_exists(#pauseUntil) OR #pauseUntil < :until',
      values: { ':until': until, ':one': 1 },
      returns: 'ALL_NEW',
    } as const;
    await Promise.all(
      [CONTROL.pace, CONTROL.reads].map((name) => updateControl(dynamo, name, later, options)),
    );
  },
});
