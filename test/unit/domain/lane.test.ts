import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import {
  committedQuantity,
  dequeued,
  enqueued,
  held,
  isItsTurn,
  isQueued,
  openResting,
  type QueueEntry,
  released,
  rested,
  sellable,
  unrested,
} from '../../../lib/domain/lane.ts';
import { aLane, idOf, NOW } from '../../support/builders.ts';
import { always } from './alert-support.ts';

const entries = fc.uniqueArray(
  fc.record({ id: fc.nat({ max: 30 }).map(idOf), arrival: fc.nat({ max: 4 }).map((late) => NOW + late) }),
  { selector: ({ id }) => id, maxLength: 12 },
);

test('The queue goes by arrival, then by id, however the orders came into it', () => {
  always(
    fc.property(entries, (list) => {
      const lane = list.reduce(enqueued, aLane());

      const sorted = [...list].sort((a, b) => a.arrival - b.arrival || (a.id < b.id ? -1 : 1));
      assert.deepEqual(lane.queue, sorted);
    }),
  );
});

test('An order that was sent and comes back gets its old place again', () => {
  always(
    fc.property(entries, fc.nat(), (list, pick) => {
      const lane = list.reduce(enqueued, aLane());
      const chosen: QueueEntry | undefined = list[pick % Math.max(list.length, 1)];
      if (!chosen) return;

      assert.deepEqual(enqueued(dequeued(lane, chosen.id), chosen).queue, lane.queue);
    }),
  );
});

test('An order waits once, and keeps its place when it is put into the queue again', () => {
  const lane = enqueued(enqueued(aLane(), { id: idOf(1), arrival: NOW }), { id: idOf(2), arrival: NOW });

  assert.equal(enqueued(lane, { id: idOf(1), arrival: NOW + 9 }), lane);
  assert.deepEqual([isQueued(lane, idOf(2)), isQueued(lane, idOf(3))], [true, false]);
});

test('It is the turn of the first in the queue, or of anybody in an empty one, while nobody holds the lane', () => {
  const queue = [
    { id: idOf(1), arrival: NOW },
    { id: idOf(2), arrival: NOW },
  ];

  assert.equal(isItsTurn(aLane(), idOf(7)), true);
  assert.equal(isItsTurn(aLane({ queue }), idOf(1)), true);
  assert.equal(isItsTurn(aLane({ queue }), idOf(2)), false);
  assert.equal(isItsTurn(aLane({ queue }), idOf(7)), false);
  assert.equal(isItsTurn(held(aLane({ queue }), idOf(9), 1), idOf(1)), false);
  assert.equal(isItsTurn(held(aLane(), idOf(7), 1), idOf(7)), false, 'not even its own attempt');
});

test('Only the attempt that holds the lane lets it go', () => {
  const lane = held(aLane(), idOf(1), 2);

  assert.equal(released(lane, idOf(1), 1), lane);
  assert.equal(released(lane, idOf(2), 2), lane);
  assert.equal('holder' in released(lane, idOf(1), 2), false);
});

test('What rests as a sell is spoken for, what rests as a buy is not yet there', () => {
  const open = rested(rested(aLane({ quantity: '10' }), idOf(1), { side: 'sell', open: '4' }), idOf(2), {
    side: 'buy',
    open: '3',
  });

  assert.deepEqual([openResting(open, 'sell'), openResting(open, 'buy')], ['4', '3']);
  assert.equal(sellable(open), '6');
  assert.equal(committedQuantity(open), '9');
  assert.deepEqual(unrested(open, idOf(1)).resting, { [idOf(2)]: { side: 'buy', open: '3' } });
});

test('Nothing is sellable when more rests as a sell than is held', () => {
  const lane = aLane({ quantity: '1', resting: { [idOf(1)]: { side: 'sell', open: '4' } } });

  assert.equal(sellable(lane), '0');
  assert.equal(committedQuantity(lane), '-3');
});
