import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DEFAULT_ACCOUNTS } from '../../../lib/simulator/accounts.ts';
import { SIMULATOR_KEYS } from '../../../lib/simulator/exchange.ts';
import type { FaultInput } from '../../../lib/simulator/fault-rule.ts';
import { DEFAULT_SYMBOLS } from '../../../lib/simulator/symbols.ts';
import { explainRemainder } from '../../../lib/usecases/explain-remainder.ts';
import { alarms, buy, latest, open, snap, soon, states } from '../../support/account-steps.ts';
import { SLOT } from '../../support/account-world.ts';
import { sizeOf } from '../../support/memory-dynamo/values.ts';

describe('a trade that the exchange hides for an hour', () => {
  test('its order is in flight: the remainder is pending, without alarm, and closes by itself with a note of when', async (t) => {
    const world = await open(t);
    await snap(world);
    const hidden = world.time.now() + 3_600_000;
    world.market.faults.add({ kind: 'flap', match: { to: hidden }, endpoints: ['myTrades'] });
    await buy(world, 'hidden');

    const during = [];
    for (let quarter = 0; quarter < 4; quarter += 1) during.push(states(await snap(world, true)));
    assert.deepEqual(during, Array(4).fill(['SOL pending', 'USDT pending']));

    const after = await snap(world, true);
    assert.deepEqual([states(after), alarms(world)], [[], []]);
    assert.deepEqual(after.closed.map(({ asset }) => asset).sort(), ['SOL', 'USDT']);
    for (const { note, closedAt = 0, to } of after.closed) {
      assert.match(note ?? '', /^the trade \d+ of order m\w+ was applied late$/);
      assert.ok(closedAt > to + 3_000_000);
    }
  });

  test('the ledger holds the order to be over: it is unexplained and alarmed, and closes all the same', async (t) => {
    const world = await open(t);
    await snap(world);
    const { time, market } = world;
    await time.playTo((Math.floor(time.now() / SLOT) + 1) * SLOT - 60_000);
    // Executed, the answer lost, and shown to nobody until after the reading: proven absent by all that can be known.
    const match = { method: 'POST', path: '/api/v3/order', times: 1 };
    market.faults.add({ kind: 'visibility', match, ms: 90_000 });
    market.faults.add({ kind: 'drop-after', match });
    await buy(world, 'lost');
    await time.finish(world.reconcile());
    await time.playTo(Math.ceil(time.now() / SLOT) * SLOT + 300);
    await time.finish(world.snapshot());
    assert.deepEqual(states(await latest(world)), ['SOL unexplained', 'USDT unexplained']);
    assert.deepEqual(alarms(world).sort(), ['SOL', 'USDT']);

    await time.playTo(time.now() + 60_000);
    const last = await snap(world, true);
    assert.deepEqual([states(last), last.closed.length, alarms(world).length], [[], 2, 2]);
    assert.match(last.closed[0]?.note ?? '', /was applied late$/);
  });
});

test('an order sent while the account is read, whose trades come later, raises no alarm', async (t) => {
  const world = await open(t);
  await snap(world);
  const { time, task } = world;
  await time.playTo((Math.floor(time.now() / SLOT) + 1) * SLOT + 400);
  // The order leaves after the lanes were read first and before the account is; its trades show only then.
  world.market.faults.add({ kind: 'flap', match: { to: time.now() + 20_000 }, endpoints: ['myTrades'] });
  const balances: typeof task.exchange.balances = async (options) => {
    await world.alert('demo', { id: 'meanwhile', symbol: 'SOLUSDT', action: 'buy', quoteQuantity: '100' });
    return task.exchange.balances(options);
  };
  await time.finish(world.snapshot({ exchange: { ...task.exchange, balances } }));
  assert.deepEqual(states(await latest(world)), ['SOL pending', 'USDT pending']);
  assert.deepEqual([states(await snap(world, true)), alarms(world)], [[], []]);
});

test('600 assets, 40 without a price: two calls, one item, the 40 named and none of them valued', async (t) => {
  const names = Array.from({ length: 600 }, (_, n) => `COIN${n}`);
  const [sol] = DEFAULT_SYMBOLS.filter(({ symbol }) => symbol === 'SOLUSDT');
  assert.ok(sol);
  const listed = names.slice(40).map((baseAsset, n) => ({
    ...sol,
    symbol: `${baseAsset}USDT`,
    baseAsset,
    lastPrice: `${n + 1}.12345678`,
  }));
  const balances = Object.fromEntries(names.map((name, n) => [name, `${n + 1}.123456789012345678`]));
  const accounts = DEFAULT_ACCOUNTS.map((account) => ({ ...account, balances }));
  const world = await open(t, { exchange: { symbols: [sol, ...listed], accounts } });
  world.asked.splice(0);
  const began = performance.now();
  const snapshot = await snap(world);
  const took = performance.now() - began;

  assert.deepEqual(world.asked.toSorted(), ['/api/v3/account', '/api/v3/ticker/price']);
  const items = world.store.items('Balances');
  assert.equal(items.length, 1);
  assert.deepEqual(snapshot.unpriced, names.slice(0, 40).sort());
  for (const name of snapshot.unpriced)
    assert.deepEqual([snapshot.assets[name]?.price, snapshot.assets[name]?.value], [undefined, undefined]);
  const values = Object.values(snapshot.assets).flatMap(({ value }) => (value === undefined ? [] : [value]));
  assert.equal(values.length, 560);
  assert.ok(values.every((value) => Number(value) > 0));
  const size = items[0] ? sizeOf(items[0]) : 0;
  assert.ok(size < 400_000 / 3);
  t.diagnostic(`item of ${size} bytes, ${Math.round(took)} ms`);
});

describe('a reading that fails', () => {
  const account = { path: '/api/v3/account' };
  const prices = { path: '/api/v3/ticker/price' };
  const cases: readonly (readonly [string, FaultInput | 'revoked' | 'no right', RegExp])[] = [
    [
      'the exchange asks for a pause',
      { kind: 'limit', match: account },
      /rate|limit|429|budget|paused|transient/,
    ],
    ['the gateway answers 502', { kind: 'html', match: account }, /transient|http|502|unreadable/],
    ['no answer comes', { kind: 'drop-before', match: account }, /transient|reset|connect/],
    ['the account cannot be read', { kind: 'garbage', match: account, executed: true }, /not_json/],
    [
      'the answer ends early',
      { kind: 'cut', match: account, executed: true },
      /cut|transient|unreadable|reset/,
    ],
    [
      'no price is named',
      { kind: 'answer', match: prices, status: 200, body: [] },
      /unreadable|transient|no_prices/,
    ],
    ['the prices fail', { kind: 'html', match: prices }, /transient|http|502|unreadable/],
    ['the key was deleted', 'revoked', /credential|10072|key/],
    ['the key lacks the right', 'no right', /credential|permission|700007|right/],
  ];
  for (const [name, fault, expected] of cases)
    test(`${name}: a clear error, the last good snapshot stays, and nothing is half written`, async (t) => {
      const world = await open(t);
      const good = await snap(world);
      await buy(world, 'between');
      const before = JSON.stringify([world.store.items('Balances'), world.store.items('Profit')]);
      const key = (change: { revoked?: boolean; permissions?: [] | ['SPOT_ACCOUNT_READ'] }) =>
        world.market.apply({ do: 'key', with: { accessKey: SIMULATOR_KEYS.read.accessKey, ...change } });
      if (fault === 'revoked') key({ revoked: true });
      else if (fault === 'no right') key({ permissions: [] });
      else world.market.faults.add(fault);

      const failure = await snap(world).then(
        () => assert.fail('it succeeded'),
        (error: unknown) => error,
      );
      assert.ok(failure instanceof Error && 'code' in failure, String(failure));
      assert.match(`${failure.name} ${failure.code} ${failure.message}`.toLowerCase(), expected);
      assert.equal(JSON.stringify([world.store.items('Balances'), world.store.items('Profit')]), before);
      assert.deepEqual(await latest(world), good);

      world.market.faults.clear();
      key({ revoked: false, permissions: ['SPOT_ACCOUNT_READ'] });
      await world.time.playTo(world.time.now() + 60_000);
      const next = await snap(world);
      assert.deepEqual([next.open, Object.keys(next.traded).sort()], [[], ['SOL', 'USDT']]);
    });
});

describe('what must not go unnoticed', () => {
  test('a balance that is gone altogether is worth what it was: it is listed, alarmed, and stops entries', async (t) => {
    const world = await open(t, { triggers: { maxUnexplained: '50' } });
    world.market.apply({ do: 'balance', with: { asset: 'SOL', amount: '10' } });
    await snap(world);
    await buy(world, 'so that there is a strategy');
    world.market.apply({ do: 'balance', with: { asset: 'MX', amount: '-1000' } });
    const snapshot = await snap(world);

    assert.deepEqual(states(snapshot), ['MX unexplained']);
    assert.deepEqual([snapshot.assets.MX?.free, snapshot.assets.MX?.price], ['0', '2']);
    const { body } = await world.time.finish(
      world.alert('demo', { id: 'entry', symbol: 'SOLUSDT', action: 'buy', quoteQuantity: '100' }),
    );
    assert.match(JSON.stringify(body), /reduce_only/);
  });

  test('what the operator names while a snapshot is taken stays named', async (t) => {
    const world = await open(t);
    await snap(world);
    world.market.apply({ do: 'balance', with: { asset: 'USDT', amount: '500' } });
    const [deposit] = (await snap(world)).open;
    assert.ok(deposit);
    const { time, task } = world;
    await time.playTo((Math.floor(time.now() / SLOT) + 1) * SLOT + 300);
    let named = false;
    const save: typeof task.balances.save = async (snapshot, options) => {
      if (!named) {
        named = true;
        const { kind } = await explainRemainder(deposit.id, 'mine', task, soon(world));
        assert.equal(kind, 'closed');
      }
      return task.balances.save(snapshot, options);
    };
    const { written } = await time.finish(world.snapshot({ balances: { ...task.balances, save } }));
    assert.deepEqual([written, states(await latest(world))], [true, []]);
  });

  test('a withdrawal beside an order that rests is alarmed at once', async (t) => {
    const world = await open(t);
    await snap(world);
    const limit = { type: 'limit', action: 'buy', quantity: '1', price: '140', symbol: 'SOLUSDT' };
    await world.time.finish(world.alert('demo', { id: 'rests', ...limit }));
    world.market.apply({ do: 'balance', with: { asset: 'USDT', amount: '-500' } });
    assert.deepEqual(states(await snap(world, true)), ['USDT unexplained']);
    assert.deepEqual(alarms(world), ['USDT']);
  });
});
