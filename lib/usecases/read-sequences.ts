import * as z from 'zod';
import type { CallOptions } from '../domain/ports.ts';
import { badQuery } from './query.ts';
import type { StateReader } from './read-state.ts';

/** Alerts that are looked at, the newest ones. */
const NEWEST = 200;

const SequencesQuery = z.strictObject({ strategy: z.string('is missing').min(1) });

/**
 * `GET /sequences?strategy=`: which sequence numbers are missing, and which came more than once, among the newest alerts.
 * @throws BadQueryError naming the parameter
 */
export const readSequences = async (
  parameters: Readonly<Record<string, string | undefined>>,
  reader: Pick<StateReader, 'orders'>,
  options: CallOptions,
) => {
  const query = SequencesQuery.safeParse(parameters);
  if (!query.success) throw badQuery(query.error, 'strategy');
  const { strategy } = query.data;
  const { orders } = await reader.orders({ strategy }, { limit: NEWEST }, options);
  const numbers = orders
    .flatMap(({ sequence }) => (sequence === undefined ? [] : [sequence]))
    .sort((a, b) => a - b);
  const missing: { from: number; to: number }[] = [];
  const repeated = new Set<number>();
  for (const [n, number] of numbers.entries()) {
    const before = numbers[n - 1];
    if (before === undefined) continue;
    if (number === before) repeated.add(number);
    else if (number > before + 1) missing.push({ from: before + 1, to: number - 1 });
  }
  return {
    strategy,
    alerts: orders.length,
    numbered: numbers.length,
    first: numbers[0],
    last: numbers.at(-1),
    missing,
    repeated: [...repeated],
  };
};
