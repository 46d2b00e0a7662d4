import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { decimal, plain, sum } from '../../lib/domain/money.ts';
import { DEFAULT_ACCOUNTS } from '../../lib/simulator/accounts.ts';
import { startTrading, strategiesOf, type TradingStack } from '../support/trading-stack.ts';
import { type Answered, readApi } from '../support/webhook.ts';

const STRATEGIES = 20;
const LEAVING = 8;
/** On the account before any strategy bought. */
const THERE_BEFORE = '3';
/** SOL, of what each bought. */
const EACH = '0.15';
/** Left free by the hand that sold, for twelve strategies that hold 1.8 together. */
const LEFT_FREE = '0.4';

describe('twenty strategies that hold the same coin', () => {
  let stack: TradingStack;
  const names = Object.keys(strategiesOf(STRATEGIES));
  before(async () => {
    const accounts = DEFAULT_ACCOUNTS.map((account) => ({
      ...account,
      balances: { ...account.balances, SOL: THERE_BEFORE },
    }));
    stack = await startTrading({
      exchange: { seed: 'shared-coins', accounts },
      strategies: strategiesOf(STRATEGIES),
    });
    await Promise.all(names.map((name) => stack.alert(name, 'bought', { quantity: EACH })));
    await stack.reconcile();
  });
  after(() => stack.stop());

  const positions = async (): Promise<ReadonlyMap<string, string>> => {
    const { json } = await readApi(stack, '/positions');
    return new Map(json.positions.map(({ strategy, quantity }: Answered['json']) => [strategy, quantity]));
  };
  const freeSol = (): string => stack.market.truth().accounts[0]?.balances.SOL?.free ?? '0';
  const close = (name: string, id: string) => stack.alert(name, id, { action: 'close' });
  /** The orders of these answers once nothing of them waits. */
  const settled = async (answers: readonly Answered[]): Promise<Answered['json'][]> => {
    const orders = await Promise.all(answers.map(stack.orderOf));
    if (orders.every((order) => order.settled)) return orders;
    await stack.reconcile();
    return Promise.all(answers.map(stack.orderOf));
  };
  const soldBy = (order: Answered['json']): string =>
    plain(
      sum(
        stack.market
          .truth()
          .trades.filter((t) => t.clientOrderId?.startsWith(order.id))
          .map((t) => t.qty),
      ),
    );
  /** Errors that were logged of an order. */
  const alarms = (order: Answered['json']): readonly string[] =>
    stack.logs().filter((line) => line.includes('"level":"ERROR"') && line.includes(order.id));
  const saidOf = (order: Answered['json']): string =>
    order.history.map(({ detail }: { detail?: string }) => detail ?? '').join('; ');

  test('each that leaves sells what it bought, at once or not, and what was there before stays', async () => {
    const held = await positions();
    const before = freeSol();

    const orders = await settled(
      await Promise.all(names.slice(0, LEAVING).map((name) => close(name, 'leaves'))),
    );

    for (const order of orders) {
      assert.equal(order.state, 'filled', saidOf(order));
      assert.equal(soldBy(order), held.get(order.strategy));
      assert.doesNotMatch(saidOf(order), /shortfall/);
    }
    const after = await positions();
    for (const name of names)
      assert.equal(after.get(name), names.indexOf(name) < LEAVING ? '0' : held.get(name), name);
    assert.equal(plain(decimal(before).minus(freeSol())), plain(decimal(EACH).times(String(LEAVING))));
    assert.equal(
      freeSol(),
      plain(decimal(THERE_BEFORE).plus(decimal(EACH).times(String(STRATEGIES - LEAVING)))),
    );
  });

  test('a strategy without coins sells none of the others', async () => {
    const [first = ''] = names;
    const before = freeSol();

    const [sale, closing] = await settled([
      await stack.alert(first, 'nothing to sell', { action: 'sell', quantity: '0.1' }),
      await close(first, 'nothing to close'),
    ]);

    assert.deepEqual([sale.state, closing.state, closing.reason], ['refused', 'skipped', 'no position']);
    assert.equal(freeSol(), before);
  });

  test('after a hand sold, nobody sells more than is free, and each says what it lacks', async () => {
    const [, , , , , , , , one = '', two = '', three = '', four = ''] = names;
    const gone = plain(decimal(freeSol()).minus(LEFT_FREE));
    stack.market.apply({
      do: 'order',
      with: { symbol: 'SOLUSDT', side: 'SELL', type: 'MARKET', quantity: gone },
    });
    assert.equal(freeSol(), LEFT_FREE);

    const orders: Answered['json'][] = [];
    const free: string[] = [];
    for (const name of [one, two, three, four]) {
      free.push(freeSol());
      orders.push(...(await settled([await close(name, 'after the hand')])));
    }

    assert.deepEqual(free, ['0.4', '0.25', '0.1', '0']);
    assert.deepEqual(orders.map(soldBy), ['0.15', '0.15', '0.1', '0']);
    assert.deepEqual(
      orders.map(({ state }) => state),
      ['filled', 'filled', 'filled', 'skipped'],
    );
    assert.doesNotMatch(saidOf(orders[1]), /shortfall/);
    assert.match(saidOf(orders[2]), /shortfall: 0\.15 SOL asked, 0\.1 own and free/);
    assert.match(saidOf(orders[3]), /shortfall: 0\.15 SOL asked, 0 own and free/);
    for (const order of [orders[2], orders[3]]) assert.equal(alarms(order).length, 1, 'the owner is told');
    for (const order of [orders[0], orders[1]]) assert.deepEqual(alarms(order), []);
    const held = await positions();
    assert.deepEqual(
      [one, two, three, four].map((name) => held.get(name)),
      ['0', '0', '0.05', '0.15'],
      'what is missing is still owed to the strategy',
    );
  });

  test('those that leave at once while too little is left share it and no more', async () => {
    const rest = names.slice(LEAVING + 4);
    stack.market.apply({ do: 'balance', with: { asset: 'SOL', amount: LEFT_FREE } });
    const held = await positions();

    const first = await settled(await Promise.all(rest.map((name) => close(name, 'all at once'))));

    const sold = first.map(soldBy);
    assert.equal(plain(sum([...sold, freeSol()])), LEFT_FREE);
    for (const [n, order] of first.entries()) {
      const own = held.get(order.strategy) ?? '0';
      assert.ok(decimal(sold[n] ?? '0').lte(own), saidOf(order));
      if (sold[n] === own) continue;
      // Less than its own: it saw the shortfall itself, or the exchange refused what another had sold by then.
      assert.match(saidOf(order), /shortfall|below minimum|Oversold|Insufficient|balance/i);
      assert.ok(['filled', 'skipped', 'rejected'].includes(order.state), order.state);
    }
    const after = await positions();
    for (const [n, order] of first.entries())
      assert.equal(
        after.get(order.strategy),
        plain(decimal(held.get(order.strategy) ?? '0').minus(sold[n] ?? '0')),
      );
  });
});
