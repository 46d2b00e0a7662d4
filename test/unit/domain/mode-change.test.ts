import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { commandView, strategyView } from '../../../lib/domain/control-view.ts';
import { withAdoption } from '../../../lib/domain/lane.ts';
import { defaultModeAfter, type ModeChange, outcomeOf } from '../../../lib/domain/mode-change.ts';
import type { Command } from '../../../lib/domain/strategy.ts';
import { aLane, anOrder, aStrategy, idOf, NOW } from '../../support/builders.ts';

const change = (own: Partial<ModeChange>): ModeChange => ({ id: 'new', at: NOW, reason: 'why', ...own });
const flattening: Command = { id: 'running', kind: 'flatten', reason: 'out', at: NOW - 1 };

describe('what a change makes of a strategy', () => {
  test('a flatten reduces only over ACTIVE and loosens nothing else', () => {
    const modeAfter = (mode: 'ACTIVE' | 'REDUCE_ONLY' | 'HALTED') =>
      outcomeOf(aStrategy({ mode }), change({ command: 'flatten' })).mode;

    assert.deepEqual(
      [modeAfter('ACTIVE'), modeAfter('REDUCE_ONLY'), modeAfter('HALTED')],
      ['REDUCE_ONLY', 'REDUCE_ONLY', 'HALTED'],
    );
  });

  test('any mode ends a running flatten, and cancelAll alone leaves it to it', () => {
    const before = aStrategy({ mode: 'REDUCE_ONLY', flatten: 'running', command: flattening });

    const halted = outcomeOf(before, change({ mode: 'HALTED' }));
    const cancelled = outcomeOf(before, change({ command: 'cancelAll' }));
    const both = outcomeOf(before, change({ mode: 'HALTED', command: 'cancelAll' }));

    assert.deepEqual([halted.flatten, halted.command], ['none', 'none']);
    assert.deepEqual([cancelled.flatten, cancelled.command, cancelled.cancelling], ['keep', 'keep', 'keep']);
    assert.deepEqual([both.flatten, both.cancelling], ['none', 'in flight']);
  });

  test('a new mode leaves a running cancelAll at work', () => {
    const { command, cancelling } = outcomeOf(
      aStrategy({ command: { ...flattening, kind: 'cancelAll' }, cancelling: {} }),
      change({ mode: 'ACTIVE' }),
    );

    assert.deepEqual([command, cancelling], ['keep', 'keep']);
  });

  test('only ACTIVE, REDUCE_ONLY and a flatten count as loosening', () => {
    const loosens = (own: Partial<ModeChange>) => outcomeOf(aStrategy(), change(own)).loosens;

    assert.deepEqual(
      [
        loosens({ mode: 'ACTIVE' }),
        loosens({ mode: 'REDUCE_ONLY' }),
        loosens({ command: 'flatten' }),
        loosens({ mode: 'HALTED' }),
        loosens({ command: 'cancelAll' }),
      ],
      [true, true, true, false, false],
    );
  });

  test('strategies to come start halted while all are flattened', () => {
    assert.equal(defaultModeAfter(change({ command: 'flatten', mode: 'REDUCE_ONLY' })), 'HALTED');
    assert.equal(defaultModeAfter(change({ command: 'cancelAll' })), undefined);
  });
});

describe('what the operator is shown', () => {
  const entry = { attempt: 1, until: NOW + 6_000 };
  const nothing = { cancelled: new Map(), selling: new Map() };

  test('a flatten is done only when its end was written and nothing is in flight', () => {
    const running = aStrategy({ flatten: 'running', command: flattening });
    const ended = aStrategy({ mode: 'HALTED', command: { ...flattening, doneAt: NOW } });

    assert.equal(commandView(running, [], nothing)?.state, 'running');
    assert.equal(commandView({ ...ended, inFlight: { [idOf(1)]: entry } }, [], nothing)?.state, 'running');
    assert.equal(commandView(ended, [], nothing)?.state, 'done');
  });

  test('coins that could not be sold remain with the reason', () => {
    const ended = aStrategy({ mode: 'HALTED', command: { ...flattening, doneAt: NOW } });
    const sale = anOrder({ state: 'skipped', reason: 'below minimum' });

    const view = commandView(ended, [aLane({ quantity: '0.001' })], {
      cancelled: new Map(),
      selling: new Map([['SOLUSDT', sale]]),
    });

    assert.deepEqual(view?.remains.positions, [
      { symbol: 'SOLUSDT', quantity: '0.001', order: sale.id, state: 'skipped', reason: 'below minimum' },
    ]);
  });

  test('of a cancelAll only the orders that it found remain', () => {
    const command: Command = { ...flattening, kind: 'cancelAll' };
    const record = aStrategy({
      command,
      cancelling: { [idOf(1)]: entry, [idOf(2)]: entry },
      inFlight: { [idOf(2)]: entry, [idOf(3)]: entry },
    });

    assert.deepEqual(
      commandView(record, [], nothing)?.remains.orders.map(({ order }) => order),
      [idOf(2)],
    );
  });

  test('a strategy says who set its mode, when and why', () => {
    const changed = { id: 'c', mode: 'HALTED', reason: 'news', at: NOW, by: 'operator' } as const;

    const { mode, reason, changedAt, changedBy } = strategyView(aStrategy({ mode: 'HALTED', changed }));

    assert.deepEqual(
      [mode, reason, changedAt, changedBy],
      ['HALTED', 'news', '2026-11-22T10:00:00.000Z', 'operator'],
    );
  });
});

describe('adopted coins', () => {
  const adoption = { id: 'a', quantity: '1.5', cost: '150', reason: 'mine', at: NOW };

  test('are in quantity, cost and total, each adoption once', () => {
    const lane = withAdoption(aLane({ quantity: '0.5', cost: '40', version: 3 }), adoption);
    assert.ok(lane);

    assert.deepEqual([lane.quantity, lane.cost, lane.adopted?.total, lane.version], ['2', '190', '1.5', 4]);
    assert.equal(withAdoption(lane, { ...adoption, quantity: '9' }), undefined);
  });

  test('are counted exactly however many there were, and the newest are kept one by one', () => {
    let lane = aLane();
    for (let n = 0; n < 30; n += 1)
      lane = withAdoption(lane, { ...adoption, id: `a${n}`, quantity: '0.1' }) ?? lane;

    assert.deepEqual([lane.quantity, lane.adopted?.total], ['3', '3']);
    assert.equal(lane.adopted?.entries.at(-1)?.id, 'a29');
    assert.ok((lane.adopted?.entries.length ?? 0) <= 20);
  });
});
