import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { decimal, plain } from '../../lib/domain/money.ts';
import type { ReconcileReport } from '../../lib/usecases/reconcile-orders.ts';
import { inParallel } from '../../lib/usecases/reconcile-run.ts';
import { type LedgerItems, readLedger } from '../support/ledger-truth.ts';
import { startUseCases, type UseCaseRig } from '../support/use-case-rig.ts';

const STRATEGIES = 10;
/** Limit buys below the market: symbol, price of the crowd, prices of those that change, quantity. No two changes share a call. */
const LANES = [
  { symbol: 'SOLUSDT', price: '138.00', changed: ['139.00'], quantity: '0.1' },
  { symbol: 'XRPUSDT', price: '2.0500', changed: ['2.0600'], quantity: '10' },
  { symbol: 'MXUSDT', price: '1.9500', changed: ['1.9600'], quantity: '10' },
  { symbol: 'METALUSDT', price: '0.40000', changed: ['0.40500'], quantity: '30' },
] as const;
/** One more than openOrders shows of a full page; when one of them is gone, the listing is complete again. */
const ORDERS = 500;
const MOST_CALLS = 10;
const LANES_AT_ONCE = 5;

const now = (): string => new Date().toISOString();

describe('five hundred open orders, of which three executed a part and a fourth is gone', () => {
  let rig: UseCaseRig;
  let ledger: LedgerItems;
  let report: ReconcileReport;
  let calls: readonly string[];
  /** Client order ids of those that changed, by what became of them. */
  const changed = new Map<string, string>();
  before(async () => {
    rig = await startUseCases('reconcile-many', { maxOpenOrders: 100 });
    await fill();
    change();
    rig.market.apply({ do: 'limits', with: { limits: 'strict' } });
    const before = rig.market.journal().length;
    report = await rig.reconcile();
    calls = rig.market
      .journal()
      .slice(before)
      .map(({ method, path }) => `${method} ${path}`);
    ledger = await readLedger(rig.endpoint);
  });
  after(() => rig.stop());

  /** Every lane in a process of its own, its orders one after the other. */
  const fill = async (): Promise<void> => {
    const lanes = Array.from({ length: STRATEGIES }, (_, n) => n).flatMap((n) =>
      LANES.map((lane) => ({ ...lane, strategy: `s-${n}`, prices: n === 0 ? [...lane.changed] : [] })),
    );
    const counted = lanes.map((lane, n) => ({
      ...lane,
      count: Math.floor(ORDERS / lanes.length) + (n < ORDERS % lanes.length ? 1 : 0),
    }));
    await inParallel(counted, LANES_AT_ONCE, async ({ symbol, strategy, quantity, price, prices, count }) => {
      const place = rig.placer();
      for (let n = 0; n < count; n += 1) {
        const order = { type: 'limit', quantity, price: prices[n] ?? price };
        const alert = { strategy, symbol, id: `${strategy} ${symbol} ${n}`, time: now(), ...order };
        let answer = await place(alert);
        // A machine under load may take too long for one delivery.
        for (let again = 0; again < 5 && answer.status !== 200; again += 1) answer = await place(alert);
        assert.equal(answer.status, 200, JSON.stringify(answer.body));
      }
    });
    const open = rig.market.truth().orders.filter(({ status }) => status === 'NEW');
    assert.equal(open.length, ORDERS);
  };

  /** Strangers sell into the best of each symbol, and one of them is then cancelled by the exchange. */
  const change = (): void => {
    const best = (price: string) => {
      const order = rig.market.truth().orders.find((each) => each.price === price);
      assert.ok(order?.clientOrderId, price);
      return { orderId: order.orderId, clientOrderId: order.clientOrderId };
    };
    const part = (symbol: string, price: string, quantity: string): string => {
      rig.market.trade(symbol, { price, quantity });
      return best(price).clientOrderId;
    };
    changed.set(part('METALUSDT', '0.405', '5'), 'partially_canceled');
    rig.market.apply({ do: 'cancel', with: { orderId: best('0.405').orderId } });
    changed.set(part('SOLUSDT', '139', '0.04'), 'partially_filled');
    changed.set(part('XRPUSDT', '2.06', '4'), 'partially_filled');
    changed.set(part('MXUSDT', '1.96', '7'), 'partially_filled');
  };

  const clientOrderIdOf = ({ attempts }: LedgerItems['orders'][number]): string =>
    attempts.at(-1)?.clientOrderId ?? '';

  test('take one run and at most ten calls, as the exchange counts them', (t) => {
    t.diagnostic(calls.join(', '));
    assert.ok(calls.length <= MOST_CALLS, `${calls.length}: ${calls.join(', ')}`);
    assert.deepEqual(report, {
      settled: { partially_canceled: 1, partially_filled: 3 },
      unsettled: ORDERS - 1,
      unknownSeconds: 0,
      failed: 0,
    });
    assert.deepEqual(rig.errors, []);
  });

  test('leave each order as the exchange has it', () => {
    const wrong = ledger.orders.filter(
      (order) => order.state !== (changed.get(clientOrderIdOf(order)) ?? 'open'),
    );

    assert.deepEqual([ledger.orders.length, wrong], [ORDERS, []]);
    const executed = new Map(
      rig.market.truth().orders.map(({ clientOrderId, executed }) => [clientOrderId, executed]),
    );
    for (const order of ledger.orders)
      assert.ok(decimal(order.fillsQty).eq(executed.get(clientOrderIdOf(order)) ?? '-1'), order.id);
  });

  test('leave positions that are the sum of the trades, and open quantities that are what rests', () => {
    const lane = (strategy: string, symbol: string) =>
      ledger.lanes.find((each) => each.strategy === strategy && each.symbol === symbol);

    assert.deepEqual(
      LANES.map(({ symbol }) => lane('s-0', symbol)?.quantity),
      ['0.04', '4', '7', '5'],
    );
    const others = ledger.lanes.filter(({ strategy }) => strategy !== 's-0');
    assert.ok(others.every(({ quantity }) => quantity === '0'));
    assert.equal(
      ledger.lanes.reduce((count, { resting }) => count + Object.keys(resting).length, 0),
      ORDERS - 1,
    );
    const reserved = new Map(ledger.strategies.map((each) => [each.strategy, each]));
    for (const [strategy, record] of reserved) {
      const own = ledger.orders.filter((order) => order.strategy === strategy && !order.settled);
      assert.equal(Object.keys(record.inFlight).length, own.length);
      const sum = own.reduce((total, order) => total.plus(order.reserved), decimal('0'));
      assert.equal(plain(sum), String(record.reserved));
    }
  });

  test('need no further call for what has not changed since', async () => {
    const before = rig.market.journal().length;

    const again = await rig.reconcile();

    const paths = new Set(
      rig.market
        .journal()
        .slice(before)
        .map(({ path }) => path),
    );
    assert.deepEqual(again.settled, {});
    assert.ok(!paths.has('/api/v3/order'), [...paths].join(', '));
    assert.ok(rig.market.journal().length - before <= MOST_CALLS);
  });
});
