import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { StrategySettings, type TriggerSettings } from '../../../lib/domain/settings.ts';
import { dayOf } from '../../../lib/domain/strategy.ts';
import { type Cause, type Health, triggered } from '../../../lib/domain/triggers.ts';
import { aLane, aStrategy, NOW } from '../../support/builders.ts';

const DAY = 86_400_000;
const TODAY = dayOf(NOW);
const defaults: TriggerSettings = StrategySettings.parse({}).triggers;
const causeOf = (own: Partial<Health>, limits: Partial<TriggerSettings> = {}): Cause | undefined =>
  triggered({ strategy: aStrategy(), lanes: [], unknowns: 0, at: NOW, ...own }, { ...defaults, ...limits });
const judge = (own: Partial<Health>, limits?: Partial<TriggerSettings>): string | undefined =>
  causeOf(own, limits)?.reason;
/** A lane with this result today, after 50 on the days before. */
const laneWith = (result: number, symbol = 'SOLUSDT') =>
  aLane({ symbol, realised: String(50 + result), dayStart: { day: TODAY, realised: '50' } });

describe('what sets a strategy to REDUCE_ONLY by itself', () => {
  test('a healthy strategy is left alone', () => {
    assert.equal(judge({ strategy: aStrategy({ dayOrders: 100 }), lanes: [laneWith(-10)] }), undefined);
  });

  test('only an ACTIVE one is judged: nothing that happens by itself loosens or repeats', () => {
    const sick = { overrun: 'an-order', dayOrders: 10, dayRejects: 10 };
    const reasons = (['ACTIVE', 'REDUCE_ONLY', 'HALTED'] as const).map(
      (mode) => judge({ strategy: aStrategy({ ...sick, mode }), unknowns: 50 }) !== undefined,
    );

    assert.deepEqual(reasons, [true, false, false]);
  });

  test('an order beyond its reservation, with its id', () => {
    assert.deepEqual(causeOf({ strategy: aStrategy({ overrun: 'an-order' }) }), {
      id: 'overrun/an-order',
      reason: 'order an-order cost more than was reserved for it',
    });
  });

  test('more unknown orders than allowed, not as many', () => {
    assert.equal(judge({ unknowns: 5 }), undefined);
    assert.equal(judge({ unknowns: 6 }), '6 orders are unknown; the limit is 5');
    assert.equal(judge({ unknowns: 1 }, { maxUnknown: 0 }), '1 orders are unknown; the limit is 0');
  });
});

test('a cause is the same all day and another one the next, so that re-arming holds for the day', () => {
  const lost = (at: number) => {
    const lane = aLane({ realised: '-40', dayStart: { day: dayOf(at), realised: '0' } });
    return causeOf({ lanes: [lane], at }, { maxDailyLoss: '30' })?.id;
  };
  const unknown = (unknowns: number) => causeOf({ unknowns })?.id;

  assert.equal(lost(NOW), lost(NOW + 1));
  assert.notEqual(lost(NOW), lost(NOW + DAY));
  assert.equal(unknown(6), unknown(60));
  assert.equal(new Set([lost(NOW), unknown(6)]).size, 2);
});

describe('the share of refused orders', () => {
  const refused = (dayRejects: number, dayOrders: number, own = {}) =>
    judge({ strategy: aStrategy({ dayRejects, dayOrders, ...own }) });

  test('counts beyond the limit, not at it', () => {
    assert.equal(refused(10, 20), undefined);
    assert.equal(
      refused(11, 20),
      '11 of 20 orders of the day were refused by the exchange; the limit is 50 %',
    );
  });

  test('is judged from ten orders on', () => {
    assert.equal(refused(9, 9), undefined);
    assert.notEqual(refused(10, 10), undefined);
  });

  test('of another day says nothing', () => {
    assert.equal(refused(20, 20, { day: dayOf(NOW - DAY) }), undefined);
  });
});

describe('the loss of the day', () => {
  const limit = { maxDailyLoss: '30' };

  test('is not watched unless it is limited', () => {
    assert.equal(judge({ lanes: [laneWith(-1_000_000)] }), undefined);
  });

  test('counts beyond the limit, not at it, over all lanes together', () => {
    const lanes = (xrp: number) => [laneWith(-40), laneWith(xrp, 'XRPUSDT')];

    assert.equal(judge({ lanes: lanes(10) }, limit), undefined);
    assert.equal(judge({ lanes: lanes(9) }, limit), "the day's realised loss of 31 exceeds the limit of 30");
  });

  test('is judged to the last digit', () => {
    const lane = aLane({ realised: '-30.000000000000000001', dayStart: { day: TODAY, realised: '0' } });

    assert.notEqual(judge({ lanes: [lane] }, limit), undefined);
  });

  test('of days before does not count', () => {
    const lane = aLane({ realised: '-500', dayStart: { day: dayOf(NOW - DAY), realised: '0' } });

    assert.equal(judge({ lanes: [lane] }, limit), undefined);
  });
});
