import { Alert } from '../domain/alert.ts';
import type { Lane } from '../domain/lane.ts';
import type { Draft } from './admit-order.ts';
import { digestOf, orderIdOf } from './identity.ts';

type Place = Pick<Lane, 'strategy' | 'symbol'>;

const keyOf = (command: string, { symbol }: Place): string => `flatten ${command} ${symbol}`;

/** A flatten has one order per lane, whose id says so: however often a run makes it, it is the same one. */
export const flattenIdOf = (command: string, place: Place): string =>
  orderIdOf(place.strategy, false, keyOf(command, place));

/**
 * The order by which a flatten sells what a lane holds, as it would be stored first. It has no time, so it never grows too
 * old; `asked` is the command, under which it passes in any mode.
 * @param at local epoch ms
 */
export const flattenOrder = (command: string, place: Place, at: number): Draft => {
  const { strategy, symbol } = place;
  const alert = Alert.parse({ strategy, symbol, action: 'close', type: 'market', test: false });
  const key = keyOf(command, place);
  return {
    id: flattenIdOf(command, place),
    strategy,
    symbol,
    key,
    digest: digestOf(key),
    origin: 'flatten',
    test: false,
    asked: command,
    alert,
    arrival: at,
    action: alert.action,
    type: alert.type,
    state: 'accepted',
    attempts: [],
    reserved: '0',
    fillsQty: '0',
    settled: false,
    history: [{ at, state: 'accepted', detail: 'the operator sells the whole position' }],
    createdAt: at,
    updatedAt: at,
    version: 0,
  };
};
