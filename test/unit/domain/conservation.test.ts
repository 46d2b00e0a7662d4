import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { type Account, account, type InFlight, type Period } from '../../../lib/domain/conservation.ts';
import type { Fill } from '../../../lib/domain/fill.ts';
import type { Remainder } from '../../../lib/domain/snapshot.ts';
import { changesOf, drawHistory, type History, OPENS, QUARTER } from '../../support/account-history.ts';
import { aFill, NOON } from '../../support/contract-domain.ts';
import { add, exact, type Sums, textOf, texts } from '../../support/exact.ts';

const SLOT = NOON;
/** The reading before, and this one. */
const BEFORE = NOON - QUARTER + 500;
const AFTER = NOON + 500;

/** A purchase of SOL for USDT at 100, without commission. */
const bought = (quantity: string, at: number, own: Partial<Fill> = {}) => ({
  fill: aFill({
    tradeId: `t-${quantity}-${at}`,
    quantity,
    price: '100',
    quoteQuantity: textOf(exact(quantity) * 100n),
    commission: '0',
    commissionAsset: 'MX',
    time: Math.floor(at / 1_000) * 1_000,
    ...own,
  }),
  base: 'SOL',
  quote: 'USDT',
});

const held = (SOL: string, USDT: string, more: Record<string, string> = {}) =>
  new Map(Object.entries({ SOL, USDT, ...more }));

const proof = (own: {
  readonly from?: ReadonlyMap<string, string>;
  readonly to: ReadonlyMap<string, string>;
  readonly certain?: Period['certain'];
  readonly uncertain?: Period['uncertain'];
  readonly open?: readonly Remainder[];
  readonly inFlight?: readonly InFlight[];
  readonly origin?: number;
}): Account =>
  account({
    slot: SLOT,
    before: {
      takenFrom: BEFORE,
      takenTo: BEFORE + 50,
      totals: own.from ?? held('0', '1000'),
      origin: own.origin ?? NOON - 86_400_000,
    },
    after: { takenFrom: AFTER, takenTo: AFTER + 50, totals: own.to },
    certain: own.certain ?? [],
    uncertain: own.uncertain ?? [],
    open: own.open ?? [],
    inFlight: own.inFlight ?? [],
  });

const FLYING: InFlight = { base: 'SOL', quote: 'USDT', fees: ['MX'], orders: ['maaaa'] };

/** Of the period before. */
const remainder = (asset: string, amount: string, own: Partial<Remainder> = {}): Remainder => ({
  id: `${SLOT - QUARTER}-${asset}`,
  asset,
  amount,
  from: BEFORE - QUARTER,
  to: BEFORE + 50,
  state: 'unexplained',
  ...own,
});

const brief = ({ open, closed }: Account) => ({
  open: open.map(({ id, amount, state }) => `${id} ${amount} ${state}`),
  closed: closed.map(({ id }) => id),
});

describe('what left nothing over', () => {
  test('a trade with its commission in the quote, in a third asset or in what was bought', () => {
    const from = held('0', '1000', { MX: '5' });
    for (const [commissionAsset, to] of [
      ['USDT', held('1', '899.9', { MX: '5' })],
      ['MX', held('1', '900', { MX: '4.9' })],
      ['SOL', held('0.9', '900', { MX: '5' })],
    ] as const) {
      const trade = bought('1', NOON - 60_000, { commission: '0.1', commissionAsset });
      assert.deepEqual(brief(proof({ from, to, certain: [trade] })), { open: [], closed: [] });
    }
  });

  test('trades applied while the account was read: it shows the first of a lane, or none, or all', () => {
    const trades = [bought('1', AFTER, { n: 1 }), bought('2', AFTER, { n: 2 })];
    for (const [taken, to] of [
      [0, held('0', '1000')],
      [1, held('1', '900')],
      [2, held('3', '700')],
    ] as const) {
      const found = proof({ to, uncertain: [trades] });
      assert.deepEqual([found.taken, brief(found).open], [[taken], []]);
    }
  });

  test('of two trades in the second of the reading before, one was in it and one was not', () => {
    const [shown, later] = [bought('1', BEFORE), bought('2', BEFORE)];
    const open = [remainder('SOL', '1'), remainder('USDT', '-100')];
    const found = proof({ from: held('1', '900'), to: held('3', '700'), certain: [later, shown], open });
    assert.deepEqual(brief(found), { open: [], closed: open.map(({ id }) => id) });
  });

  test('one order filled in parts, of which the last lies at the border: one remainder closed by all', () => {
    const open = [remainder('SOL', '3'), remainder('USDT', '-300')];
    const certain = [bought('1', BEFORE - 60_000), bought('2', BEFORE - 500)];
    const found = proof({ from: held('3', '700'), to: held('3', '700'), certain, open });
    assert.deepEqual(brief(found), { open: [], closed: open.map(({ id }) => id) });
    assert.match(found.closed[0]?.note ?? '', /applied late/);
  });

  test('more trades at the border than all ways of placing them could be tried', () => {
    const certain = Array.from({ length: 30 }, (_, n) =>
      bought(`0.${n + 11}`, n < 13 ? BEFORE - 1_500 : BEFORE + 1_500),
    );
    const sol = (trades: typeof certain) => trades.reduce((sum, { fill }) => sum + exact(fill.quantity), 0n);
    const [early, all] = [sol(certain.slice(0, 13)), sol(certain)];
    const after = (bought: bigint) => held(textOf(bought), textOf(exact('5000') - bought * 100n));
    const open = [remainder('SOL', textOf(early)), remainder('USDT', textOf(early * -100n))];
    const found = proof({ from: after(early), to: after(all), certain, open });
    assert.deepEqual(brief(found).open, []);
  });

  test('what was traded up to the first reading is in it, however late it is applied', () => {
    const origin = BEFORE - QUARTER;
    const found = proof({ to: held('0', '1000'), certain: [bought('1', origin - 60_000)], origin });
    assert.deepEqual([brief(found), found.traded.size], [{ open: [], closed: [] }, 0]);
  });
});

describe('what is left over', () => {
  test('a late trade leaves a deposit of the same period as it is', () => {
    const open = [remainder('SOL', '1'), remainder('USDT', '400')];
    for (const at of [BEFORE - 60_000, BEFORE - 900]) {
      const found = proof({
        from: held('1', '1400'),
        to: held('1', '1400'),
        certain: [bought('1', at)],
        open,
      });
      assert.deepEqual(brief(found), {
        open: [`${open[1]?.id} 500 unexplained`],
        closed: [open[0]?.id],
      });
    }
  });

  test('it is pending while an order in flight may explain it, and unexplained when the order is over', () => {
    const flying = proof({ to: held('1', '900'), inFlight: [FLYING] });
    assert.deepEqual(brief(flying).open, [`${SLOT}-SOL 1 pending`, `${SLOT}-USDT -100 pending`]);

    const open = [remainder('SOL', '1', { state: 'pending', orders: ['maaaa'] })];
    assert.match(String(brief(proof({ to: held('0', '1000'), open, inFlight: [FLYING] })).open), /pending/);
    assert.match(String(brief(proof({ to: held('0', '1000'), open })).open), /unexplained/);
  });

  test('a withdrawal is not put down to an order that only rests: a trade moves both of its assets', () => {
    for (const to of [held('0', '600'), held('1', '1000'), held('0', '1000', { MX: '1' })])
      assert.match(String(brief(proof({ to, inFlight: [FLYING] })).open), /^\S+ \S+ unexplained$/);
  });

  test('two orders in flight whose amounts in the quote cancel each other out may explain what they moved', () => {
    const xrp: InFlight = { base: 'XRP', quote: 'USDT', fees: ['MX'], orders: ['mbbbb'] };
    const found = proof({
      from: held('0', '1000', { XRP: '50' }),
      to: held('1', '1000', { XRP: '0' }),
      inFlight: [FLYING, xrp],
    });
    assert.deepEqual(brief(found).open, [`${SLOT}-SOL 1 pending`, `${SLOT}-XRP -50 pending`]);
  });

  test('an order that rests for hours does not keep it pending', () => {
    const old = remainder('SOL', '1', { state: 'pending', orders: ['maaaa'], to: AFTER - 3 * 3_600_000 });
    const found = proof({ to: held('0', '1000'), open: [old], inFlight: [FLYING] });
    assert.match(String(brief(found).open), /unexplained/);
  });

  test('a late trade of a period that left nothing over is left over now', () => {
    const found = proof({ to: held('0', '1000'), certain: [bought('1', BEFORE - 3 * QUARTER)] });
    assert.deepEqual(
      found.open.map(({ asset, amount, state }) => `${asset} ${amount} ${state}`),
      ['SOL -1 unexplained', 'USDT 100 unexplained'],
    );
  });
});

/** Takes every reading of a history in turn, as the snapshots do. */
const prove = ({ trades, readings, held: holds }: History) => {
  const taking = 40;
  const counted = new Set<string>();
  const origin = (readings[0] ?? 0) + taking;
  let open: readonly Remainder[] = [];
  let before: Period['before'];
  return readings.map((at, index) => {
    const [takenFrom, takenTo] = [at - taking, at + taking];
    const known = trades.filter(({ fill, appliedAt }) => !counted.has(fill.tradeId) && appliedAt < takenTo);
    const [sure, rest] = [
      known.filter((one) => one.appliedAt < takenFrom),
      known.filter((one) => one.appliedAt >= takenFrom),
    ];
    const lanes = [...Map.groupBy(rest, ({ fill }) => `${fill.strategy} ${fill.symbol}`).values()];
    const unseen = trades.filter((one) => one.at < takenTo && one.appliedAt >= takenFrom);
    const totals = new Map(Object.entries(texts(holds(at))));
    const found = account({
      slot: OPENS + index * QUARTER,
      ...(before && { before: { ...before, origin } }),
      after: { takenFrom, takenTo, totals },
      certain: before ? sure : [],
      uncertain: before ? lanes : [],
      open,
      inFlight: unseen.map(({ base, quote, fill }) => ({ base, quote, fees: ['MX'], orders: [fill.order] })),
    });
    // The first reading holds what was traded before it; the lanes' numbers say so from then on.
    for (const { fill } of sure) counted.add(fill.tradeId);
    lanes.forEach((lane, n) => {
      const shown = before ? (found.taken[n] ?? 0) : lane.filter((one) => one.at < at).length;
      for (const { fill } of lane.slice(0, shown)) counted.add(fill.tradeId);
    });
    before = { takenFrom, takenTo, totals, origin };
    open = found.open;
    return { ...found, at, slot: OPENS + index * QUARTER };
  });
};

/** What came from outside, by the remainder that must name it. */
const expectedOf = ({ outside, readings }: History): Sums => {
  const sums: Sums = new Map();
  for (const { asset, amount, at } of outside) {
    const index = readings.findIndex((read) => read > at);
    if (index > 0) add(sums, `${OPENS + index * QUARTER}-${asset}`, amount);
  }
  return sums;
};

describe('random histories agree with what is recomputed from the raw trades', () => {
  test('nothing is lost or invented, every trade counts once, and only what came from outside stays open', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 2, max: 10 }), (seed, slots) => {
        const drawn = drawHistory(seed, slots);
        // Four hours later everything is applied.
        const readings = [...drawn.readings, OPENS + (slots + 16) * QUARTER];
        const history = { ...drawn, readings };
        const expected = expectedOf(history);
        const [first = 0] = readings;
        const sum: Sums = history.held(first);
        const proofs = prove(history);
        for (const { at, traded, open } of proofs) {
          for (const [asset, amount] of traded) add(sum, asset, exact(amount));
          const explained: Sums = new Map(sum);
          for (const { asset, amount } of open) add(explained, asset, exact(amount));
          assert.deepEqual(texts(explained), texts(history.held(at)), `conservation at ${at}`);
          const alarms = open.filter(({ state }) => state === 'unexplained').map(({ id }) => id);
          assert.deepEqual(
            alarms.filter((id) => !expected.get(id)),
            [],
            'false alarms',
          );
        }
        const since: Sums = history.held(first);
        for (const trade of history.trades)
          if (trade.at > first) for (const [asset, amount] of changesOf(trade)) add(since, asset, amount);
        assert.deepEqual(texts(sum), texts(since), 'each trade once');
        const open: Sums = new Map(proofs.at(-1)?.open.map(({ id, amount }) => [id, exact(amount)]));
        assert.deepEqual(texts(open), texts(expected), 'what stays open');
      }),
      { numRuns: 150 },
    );
  });
});
