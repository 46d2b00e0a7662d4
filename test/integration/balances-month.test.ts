import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Snapshot } from '../../lib/domain/snapshot.ts';
import { type AccountWorld, fractions, openAccountWorld, SLOT } from '../support/account-world.ts';
import { add, exact, product, type Sums, texts } from '../support/exact.ts';

/** The whole month takes minutes; a few days show the same. */
const DAYS = Number(process.env.BALANCES_DAYS ?? 1);
const SEED = process.env.BALANCES_SEED ?? 'month';
const START = Date.UTC(2026, 9, 1);
const SLOTS = DAYS * 96;
const STRATEGIES = 8;
/** Alerts a slot; of those that are sent some are refused, as there is nothing to sell yet. */
const RATE = 0.86;

const SYMBOLS = { SOLUSDT: { price: 142.5, digits: 2 }, XRPUSDT: { price: 2.105, digits: 4 } } as const;
type Name = keyof typeof SYMBOLS;

test(`${DAYS} days of snapshots (BALANCES_DAYS=30: a month) account for every coin; each thing from outside is found`, async (t) => {
  const began = performance.now();
  const world = await openAccountWorld({
    seed: SEED,
    start: START - 60_000,
    indexLag: 150,
    settings: { maxPositionNotional: '10000000', maxOpenOrders: 100 },
  });
  const { time, market } = world;
  await live(world);

  const { snapshots } = await time.finish(
    world.task.balances.between(0, START * 2, { limit: 10_000 }, { deadline: time.now() + 9e6 }),
  );
  const truth = market.truth();
  const byHand = new Set(truth.orders.filter((order) => order.byHand).map(({ orderId }) => orderId));
  const own: Change[] = [];
  const outside: Change[] = truth.accountEvents.map(({ asset, amount, time: at }) => ({
    asset,
    amount: exact(amount),
    at,
  }));
  for (const trade of truth.trades) {
    const sign = trade.isBuyer ? 1n : -1n;
    const base = trade.symbol.replace(/USDT$/, '');
    const quote = product(exact(trade.price), exact(trade.qty));
    const changes = [
      { asset: base, amount: sign * exact(trade.qty), at: trade.time },
      { asset: 'USDT', amount: -sign * quote, at: trade.time },
      { asset: trade.commissionAsset, amount: -exact(trade.commission), at: trade.time },
    ];
    (byHand.has(trade.orderId) ? outside : own).push(...changes);
  }
  assert.equal(snapshots.length, SLOTS);

  // What is stored is what the exchange said, and what it said is what was traded, paid in and paid out.
  const readAt = snapshots.map((snapshot) => readingOf(world, snapshot));
  const [first = START] = readAt;
  const changes = [...own, ...outside].sort((a, b) => a.at - b.at);
  const held: Sums = new Map([
    ['USDT', exact('100000')],
    ['MX', exact('1000')],
  ]);
  let next = 0;
  const traded: Sums = new Map();
  const opening = totalsOf(snapshots[0]);
  for (const [index, snapshot] of snapshots.entries()) {
    for (let one = changes[next]; one && one.at < (readAt[index] ?? 0); one = changes[next]) {
      add(held, one.asset, one.amount);
      next += 1;
    }
    assert.deepEqual(texts(totalsOf(snapshot)), texts(held), `the account at ${snapshot.slot}`);
    // Since the first: traded and what is open make up the whole difference, asset by asset, to the last digit.
    for (const [asset, amount] of Object.entries(snapshot.traded)) add(traded, asset, exact(amount));
    const explained: Sums = new Map([...opening]);
    for (const [asset, amount] of traded) add(explained, asset, amount);
    for (const { asset, amount } of snapshot.open) add(explained, asset, exact(amount));
    assert.deepEqual(texts(explained), texts(totalsOf(snapshot)), `conservation at ${snapshot.slot}`);
  }
  const ownSince: Sums = new Map();
  for (const { asset, amount, at } of own) if (at > first) add(ownSince, asset, amount);
  assert.deepEqual(texts(traded), texts(ownSince), 'every own trade, once');

  // What is open at the end is what came from outside, each in its own window.
  const expected: Sums = new Map();
  for (const { asset, amount, at } of outside) {
    const index = readAt.findIndex((read) => read > at);
    if (at > first && index > 0) add(expected, `${snapshots[index]?.slot}-${asset}`, amount);
  }
  const open: Sums = new Map((snapshots.at(-1)?.open ?? []).map(({ id, amount }) => [id, exact(amount)]));
  const alarmed = world.errors.flatMap(({ message, fields }) =>
    message === 'a change of the balance is not explained' ? [String(fields.remainder)] : [],
  );
  const falseAlarms = alarmed.filter((id) => !expected.get(id));
  const atOnce = [...expected].filter(([id, amount]) => {
    const found = snapshots
      .find(({ slot }) => id.startsWith(`${slot}-`))
      ?.open.find((each) => each.id === id);
    return found && exact(found.amount) === amount;
  });
  const pending = snapshots.flatMap((one) =>
    one.open.filter(({ state, to }) => state === 'pending' && to === one.takenTo),
  );
  const orders = truth.orders.filter((order) => !order.byHand);
  t.diagnostic(
    [
      `${SLOTS} snapshots, ${orders.length} orders, ${own.length / 3} own trades`,
      `${truth.trades.filter(({ commissionAsset }) => commissionAsset === 'MX').length} with fees in MX`,
      `${orders.filter(({ status, executed }) => status !== 'FILLED' && executed !== '0').length} partial ends`,
      `${pending.length} remainders waited for orders in flight`,
      `${own.filter(({ at }) => readAt.some((read) => Math.abs(read - at) < 2_000)).length / 3} trades within 2 s of a reading`,
      `${expected.size} remainders from outside, ${atOnce.length} exact at once, ${alarmed.length} alarms, ${falseAlarms.length} false`,
      `${Math.round(performance.now() - began)} ms`,
    ].join('; '),
  );
  assert.deepEqual(falseAlarms, [], 'false alarms');
  assert.deepEqual(texts(open), texts(expected), 'what is open is what came from outside');
  assert.deepEqual(new Set(alarmed), new Set(expected.keys()), 'each of them was alarmed');
  const unexpected = world.errors.filter(
    ({ message }) => !/not explained|not ours|does not know/.test(message),
  );
  assert.deepEqual(unexpected, []);
});

interface Change {
  readonly asset: string;
  readonly amount: bigint;
  /** True epoch ms. */
  readonly at: number;
}

const totalsOf = (snapshot: Snapshot | undefined): Sums => {
  const totals: Sums = new Map();
  for (const [asset, { free, locked }] of Object.entries(snapshot?.assets ?? {}))
    add(totals, asset, exact(free) + exact(locked));
  return totals;
};

/** When the reading was made that the snapshot holds. */
const readingOf = ({ readings }: AccountWorld, { takenFrom, takenTo }: Snapshot): number => {
  const [reading, ...more] = readings.filter(({ at }) => at >= takenFrom && at <= takenTo);
  assert.ok(reading && more.length === 0);
  return reading.at;
};

const live = async (world: AccountWorld): Promise<void> => {
  const { time, market } = world;
  const draw = fractions([...SEED].reduce((sum, letter) => sum * 31 + letter.charCodeAt(0), SLOTS) | 0);
  const whole = (least: number, most: number): number => Math.floor(least + draw() * (most - least + 1));
  const even = (at: number): number => Math.round(at / 2) * 2;
  const running: Promise<unknown>[] = [];
  const start = (at: number, run: () => Promise<unknown>): void =>
    time.at(even(at), () => {
      running.push(run());
    });
  const prices: Record<Name, number> = { SOLUSDT: SYMBOLS.SOLUSDT.price, XRPUSDT: SYMBOLS.XRPUSDT.price };
  const text = (symbol: Name, factor: number): string =>
    (prices[symbol] * factor).toFixed(SYMBOLS[symbol].digits);
  const order = (n: number): void => {
    const symbol: Name = draw() < 0.5 ? 'SOLUSDT' : 'XRPUSDT';
    const kind = draw();
    const fields =
      kind < 0.4
        ? { action: 'buy', quoteQuantity: String(whole(2_000, 30_000) / 100) }
        : kind < 0.65
          ? { action: 'sell', percent: String(whole(10, 70)) }
          : kind < 0.9
            ? {
                action: 'buy',
                type: 'limit',
                quoteQuantity: String(whole(20, 300)),
                price: text(symbol, 0.996),
              }
            : { action: 'sell', type: 'limit', percent: '50', price: text(symbol, 1.004) };
    const ends = 'type' in fields ? { expireAfterSeconds: whole(120, 5_400) } : {};
    running.push(
      world.alert(`s-${whole(0, STRATEGIES - 1)}`, { id: `order-${n}`, symbol, ...fields, ...ends }),
    );
  };
  const outside = outsideEvents(market, whole);

  // Rules and clock are known before the first snapshot.
  await time.finish(world.reconcile());
  let orders = 0;
  for (let slot = 0; slot < SLOTS; slot += 1) {
    const begins = START + slot * SLOT;
    const shot = begins + whole(0, 700);
    start(shot, () => world.snapshot());
    // The end is quiet, so that everything of the ledger's is known by the last snapshot.
    const busy = slot < SLOTS - 2;
    for (let left = busy ? RATE : 0; left > 0; left -= 1) {
      if (draw() >= left) continue;
      orders += 1;
      const n = orders;
      const close = draw();
      // Most lie so that a snapshot meets the order in flight, or its trades at the border.
      const at =
        close < 0.4
          ? shot + whole(-250, 150)
          : close < 0.65
            ? shot + whole(-2_500, 2_500)
            : begins + whole(1_000, SLOT - 5_000);
      time.at(even(Math.max(at, time.now())), () => order(n));
    }
    for (const symbol of busy ? (['SOLUSDT', 'XRPUSDT'] as const) : []) {
      const moves = draw();
      const at = moves < 0.4 ? shot + whole(-1_500, 1_500) : begins + whole(5_000, SLOT - 10_000);
      time.at(even(Math.max(at, time.now())), () => {
        prices[symbol] *= 1 + (draw() - 0.5) * 0.014;
        market.setPrice(symbol, text(symbol, 1));
      });
      // Strangers fill a part of what rests.
      time.at(even(begins + whole(2_000, SLOT - 4_000)), () =>
        market.trade(symbol, {
          price: text(symbol, draw() < 0.5 ? 0.995 : 1.005),
          quantity: String(whole(1, 90) / 100),
        }),
      );
    }
    if (slot === Math.floor(SLOTS / 3))
      time.at(even(begins + 9_000), () => void market.apply({ do: 'account', with: { mxDeduct: true } }));
    if (slot === Math.floor((SLOTS * 2) / 3))
      time.at(even(begins + 9_000), () => void market.apply({ do: 'account', with: { mxDeduct: false } }));
    if (slot > 0 && slot % Math.max(3, Math.floor(SLOTS / 13)) === 0) {
      const event = outside.shift();
      if (event)
        time.at(even(draw() < 0.3 ? shot + whole(-900, 900) : begins + whole(30_000, SLOT - 60_000)), event);
    }
    for (const at of [30_000, 450_000, SLOT - 20_000]) start(begins + at, () => world.reconcile());
    if (draw() < 0.15) start(shot + whole(-1_200, 1_200), () => world.reconcile());
    await time.playTo(begins + SLOT - 8_000);
    await time.finish(Promise.all(running.splice(0)));
  }
  await world.stop();
};

/** What the owner does beside the system, one after the other. */
const outsideEvents = (market: AccountWorld['market'], whole: (least: number, most: number) => number) => {
  const pay = (asset: string, amount: string) => () =>
    void market.apply({ do: 'balance', with: { asset, amount } });
  const trade = (side: 'BUY' | 'SELL', symbol: Name, quantity: string) => () =>
    void market.apply({ do: 'order', with: { symbol, side, type: 'MARKET', quantity } });
  return [
    pay('USDT', `${whole(100, 900)}.123456789`),
    pay('USDT', `-${whole(100, 900)}.5`),
    trade('BUY', 'SOLUSDT', '1.234'),
    pay('MX', '12.00000001'),
    trade('SELL', 'SOLUSDT', '0.5'),
    pay('SOL', '-0.001'),
    trade('BUY', 'XRPUSDT', '40'),
    pay('XRP', '7.77'),
    pay('USDT', '0.00000001'),
    pay('MX', '-3.5'),
    pay('DOGE', '1000'),
    pay('DOGE', '-1000'),
  ];
};
