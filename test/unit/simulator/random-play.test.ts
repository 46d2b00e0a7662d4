import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DEFAULT_ACCOUNTS } from '../../../lib/simulator/accounts.ts';
import {
  createExchange,
  type Exchange,
  type ManualClock,
  manualClock,
} from '../../../lib/simulator/exchange.ts';
import { nextFraction, seedOf } from '../../../lib/simulator/random.ts';
import { assertConsistent } from './consistency.ts';
import { START, signedTarget } from './simulator-client.ts';

const KEYS = [
  { accessKey: 'mx0playerone', secretKey: 'one' },
  { accessKey: 'mx0playertwo', secretKey: 'two' },
] as const;

function open(clock: ManualClock): Exchange {
  const [account] = DEFAULT_ACCOUNTS;
  return createExchange({
    seed: 'play',
    clock,
    accounts: KEYS.map((key, i) => ({
      uid: `player${i}`,
      keys: [{ ...account!.keys[0]!, ...key }],
      balances: { USDT: '20000', SOL: '60', MX: '3' },
      mxDeduct: i === 1,
      fees: { SOLUSDT: { maker: '0.0002', taker: '0.0005' } },
    })),
  });
}

/** A long, seeded and rather hostile script: orders of all kinds, cancels, moves, books, prints, lost replies. */
function play(exchange: Exchange, clock: ManualClock, steps: number, check: (step: number) => void): void {
  const dice = { rng: seedOf('dice') };
  const pick = <T>(values: readonly T[]): T => values[Math.floor(nextFraction(dice) * values.length)]!;
  const sides = ['BUY', 'SELL'];
  const types = ['LIMIT', 'LIMIT', 'LIMIT_MAKER', 'IMMEDIATE_OR_CANCEL', 'FILL_OR_KILL'];
  const known: string[] = [];
  const near = (spread: number) => (142.5 + (nextFraction(dice) - 0.5) * spread).toFixed(2);
  const amount = () => (nextFraction(dice) * 30 + 0.01).toFixed(3);
  exchange.faults.add({ match: { probability: 0.05, method: 'POST' }, kind: 'drop-after' });
  for (let i = 0; i < steps; i++) {
    clock.advance(Math.floor(nextFraction(dice) * 2000));
    const key = pick(KEYS);
    const send = (method: string, path: string, params: Record<string, string>): void => {
      const { reply } = exchange.step({
        method,
        target: signedTarget(path, { symbol: 'SOLUSDT', ...params }, clock.now(), key),
        headers: { 'x-mexc-apikey': key.accessKey, 'content-type': 'application/json' },
      });
      const { orderId } = reply === 'drop' ? { orderId: undefined } : JSON.parse(reply.body);
      if (orderId !== undefined) known.push(orderId);
    };
    const action = nextFraction(dice);
    if (action < 0.65) {
      const type = pick(types);
      send('POST', '/api/v3/order', { side: pick(sides), type, quantity: amount(), price: near(4) });
    } else if (action < 0.8) {
      const size: Record<string, string> =
        nextFraction(dice) < 0.5
          ? { quantity: amount() }
          : { quoteOrderQty: (nextFraction(dice) * 4000 + 1).toFixed(2) };
      send('POST', '/api/v3/order', { side: pick(sides), type: 'MARKET', ...size });
    } else if (action < 0.88) {
      send('DELETE', '/api/v3/order', { orderId: pick(known.slice(-20)) ?? 'none' });
    } else if (action < 0.9) {
      send('DELETE', '/api/v3/openOrders', {});
    } else if (action < 0.94) {
      exchange.setPrice('SOLUSDT', near(6));
    } else if (action < 0.97) {
      exchange.trade('SOLUSDT', { price: near(6), quantity: amount() });
    } else {
      const mid = Number(near(3));
      exchange.setBook('SOLUSDT', {
        bids: [
          [(mid - 0.01).toFixed(2), amount()],
          [(mid - 0.5).toFixed(2), amount()],
        ],
        asks: [
          [mid.toFixed(2), amount()],
          [(mid + 0.5).toFixed(2), amount()],
        ],
      });
    }
    check(i);
  }
}

test('in 2,000 random steps nothing is lost, created or locked without reason', () => {
  const clock = manualClock(START);
  const exchange = open(clock);

  play(exchange, clock, 2000, (step) => {
    if (step % 50 === 0) assertConsistent(exchange);
  });

  assertConsistent(exchange);
  const { orders, trades } = exchange.truth();
  const seen = new Set(orders.map((order) => order.status));
  assert.ok(
    seen.size >= 4 && trades.some((trade) => trade.isSelfTrade) && trades.some((trade) => trade.isMaker),
  );
  assert.ok(
    trades.some((trade) => trade.commissionAsset === 'MX'),
    'fees in MX occur',
  );
});

test('equal seeds and scripts give byte-identical traces, another seed does not', () => {
  const run = (seed: string): string => {
    const clock = manualClock(START);
    const exchange = createExchange({
      seed,
      clock,
      accounts: open(clock)
        .snapshot()
        .accounts.map(({ balances, ...rest }) => ({
          ...rest,
          balances: Object.fromEntries(Object.entries(balances).map(([asset, { free }]) => [asset, free])),
        })),
    });
    play(exchange, clock, 150, () => {});
    return exchange.trace();
  };

  assert.equal(run('a'), run('a'));
  assert.notEqual(run('a'), run('b'));
});

test('an exchange continued from a snapshot goes on exactly as the one it was taken from', () => {
  const clock = manualClock(START);
  const original = open(clock);
  play(original, clock, 200, () => {});
  const at = clock.now();
  const copyClock = manualClock(at);
  const copy = createExchange({
    seed: 'ignored',
    clock: copyClock,
    state: JSON.parse(JSON.stringify(original.snapshot())),
  });

  play(original, clock, 200, () => {});
  play(copy, copyClock, 200, () => {});

  assert.equal(copy.trace(), original.trace());
  assert.deepEqual(copy.snapshot(), original.snapshot());
});
