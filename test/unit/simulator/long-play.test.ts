import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Big } from 'big.js';
import { DEFAULT_ACCOUNTS } from '../../../lib/simulator/accounts.ts';
import {
  CommandError,
  type CommandInput,
  createExchange,
  type Exchange,
  type Input,
  type ManualClock,
  manualClock,
} from '../../../lib/simulator/exchange.ts';
import type { FaultInput } from '../../../lib/simulator/fault-rule.ts';
import { nextFraction, seedOf } from '../../../lib/simulator/random.ts';
import { assertConsistent } from './consistency.ts';
import { START, signedTarget } from './simulator-client.ts';

const KEYS = [
  { accessKey: 'mx0playerone', secretKey: 'one' },
  { accessKey: 'mx0playertwo', secretKey: 'two' },
] as const;
const OPENING = { USDT: '20000', SOL: '60', MX: '3' };

/** Every kind of fault, each rare enough to leave room for the others. */
const FAULTS: readonly FaultInput[] = [
  { kind: 'drop-before', match: { probability: 0.02 } },
  { kind: 'drop-after', match: { probability: 0.02 } },
  { kind: 'answer', status: 503, body: 'busy', match: { probability: 0.01 } },
  { kind: 'answer-after', status: 500, body: { code: 500 }, match: { probability: 0.01 } },
  { kind: 'code', code: 20002, executed: true, match: { probability: 0.01 } },
  { kind: 'code', code: 30002, match: { probability: 0.01 } },
  { kind: 'html', status: 403, match: { probability: 0.01 } },
  { kind: 'limit', match: { probability: 0.01 } },
  { kind: 'empty', executed: true, match: { probability: 0.01 } },
  { kind: 'garbage', executed: true, match: { probability: 0.01 } },
  { kind: 'garbage', executed: false, match: { probability: 0.01 } },
  { kind: 'cut', executed: true, match: { probability: 0.02 } },
  { kind: 'cut', executed: false, form: 'short', match: { probability: 0.01 } },
  { kind: 'hang', executed: true, match: { probability: 0.01 } },
  { kind: 'hang', executed: false, match: { probability: 0.01 } },
  { kind: 'delay', ms: 700, match: { probability: 0.05 } },
  { kind: 'late', ms: 4000, match: { probability: 0.03, method: 'POST' } },
  { kind: 'late', ms: 900, reply: 'lost', match: { probability: 0.02, method: 'DELETE' } },
  { kind: 'skew', ms: 900, match: { probability: 0.03 } },
  { kind: 'skew', ms: -900, stamps: false, match: { probability: 0.03 } },
  { kind: 'visibility', ms: 2000, match: { probability: 0.05, side: 'BUY' } },
  { kind: 'flap', match: { probability: 0.2 }, orders: { side: 'SELL' } },
  { kind: 'partial-cancel', share: 0.3, match: { probability: 0.05, type: 'LIMIT' } },
  { kind: 'partial-cancel', share: 0.6, match: { probability: 0.05, type: 'MARKET' } },
  { kind: 'partial-cancel', share: 0, match: { probability: 0.02 } },
];

function open(seed: string): { exchange: Exchange; clock: ManualClock } {
  const [account] = DEFAULT_ACCOUNTS;
  const clock = manualClock(START);
  const exchange = createExchange({
    seed,
    clock,
    limits: { share510: 0.2, ban: { seconds: 3, mostSeconds: 10 } },
    accounts: KEYS.map((key, i) => ({
      uid: `player${i}`,
      keys: [{ ...account!.keys[0]!, ...key }],
      balances: OPENING,
      mxDeduct: i === 1,
      fees: { SOLUSDT: { maker: '0.0002', taker: '0.0005' } },
    })),
  });
  return { exchange, clock };
}

/** A long, seeded script in which everything happens that the simulator can make happen. */
function play(exchange: Exchange, clock: ManualClock, steps: number, check: (step: number) => void): void {
  const dice = { rng: seedOf('long dice') };
  const roll = () => nextFraction(dice);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(roll() * values.length)]!;
  const near = (spread: number) => (142.5 + (roll() - 0.5) * spread).toFixed(2);
  const amount = () => (roll() * 30 + 0.01).toFixed(3);
  const known: string[] = [];
  const send = (method: string, path: string, params: Record<string, string> = {}): void => {
    const key = pick(KEYS);
    const { reply } = exchange.step({
      method,
      target: signedTarget(
        path,
        { symbol: 'SOLUSDT', ...params },
        clock.now() - Math.floor(roll() * 900),
        key,
      ),
      headers: { 'x-mexc-apikey': key.accessKey, 'content-type': 'application/json' },
      address: `10.0.0.${key === KEYS[0] ? 1 : 2}`,
    });
    const orderId = reply === 'drop' ? undefined : /"orderId":"(\w+)"/.exec(reply.body)?.[1];
    if (orderId !== undefined) known.push(orderId);
  };
  const attempt = (command: CommandInput): void => {
    try {
      const { orderId } = exchange.apply(command);
      if (orderId !== undefined) known.push(orderId);
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
    }
  };
  const uid = () => pick(['player0', 'player1']);
  const side = () => pick(['BUY', 'SELL'] as const);
  const limit = () => ({ side: side(), type: pick(TYPES), quantity: amount(), price: near(4) });
  const actions: readonly [share: number, act: () => void][] = [
    [0.44, () => send('POST', '/api/v3/order', limit())],
    [0.1, () => send('POST', '/api/v3/order', { side: side(), type: 'MARKET', quantity: amount() })],
    [0.05, () => send('POST', '/api/v3/order', { side: side(), type: 'MARKET', quoteOrderQty: near(100) })],
    [0.08, () => send('DELETE', '/api/v3/order', { orderId: pick(known.slice(-20)) ?? 'none' })],
    [0.02, () => send('DELETE', '/api/v3/openOrders')],
    [0.09, () => send('GET', pick(READS))],
    [0.05, () => exchange.setPrice('SOLUSDT', near(6))],
    [0.04, () => exchange.trade('SOLUSDT', { price: near(6), quantity: amount() })],
    [
      0.02,
      () => attempt({ do: 'book', with: { symbol: 'SOLUSDT', ...bookAround(Number(near(3)), amount) } }),
    ],
    [0.04, () => attempt({ do: 'order', with: { symbol: 'SOLUSDT', uid: uid(), ...limit() } })],
    [0.02, () => attempt({ do: 'cancel', with: { orderId: pick(known.slice(-20)) ?? 'none' } })],
    [0.03, () => attempt({ do: 'balance', with: { uid: uid(), asset: pick(ASSETS), amount: amount() } })],
    [
      0.02,
      () => attempt({ do: 'balance', with: { uid: uid(), asset: pick(ASSETS), amount: `-${amount()}` } }),
    ],
  ];
  for (const fault of FAULTS) exchange.faults.add(fault);
  for (let i = 0; i < steps; i++) {
    // Now and then a burst, which the limits do not let through.
    clock.advance(i % 400 < 60 ? 20 : Math.floor(roll() * 2000));
    let action = roll();
    const chosen = actions.find(([share]) => {
      action -= share;
      return action < 0;
    });
    chosen?.[1]();
    check(i);
  }
}

const TYPES = ['LIMIT', 'LIMIT', 'LIMIT_MAKER', 'IMMEDIATE_OR_CANCEL', 'FILL_OR_KILL'] as const;
const READS = ['/api/v3/openOrders', '/api/v3/allOrders', '/api/v3/myTrades'];
const ASSETS = ['USDT', 'SOL', 'MX'] as const;

function bookAround(mid: number, amount: () => string) {
  const level = (price: number): [string, string] => [price.toFixed(2), amount()];
  return { bids: [level(mid - 0.01), level(mid - 0.5)], asks: [level(mid), level(mid + 0.5)] };
}

/** What was paid in and out adds up to the deposits, event by event. */
function assertEventsAddUp(exchange: Exchange): void {
  const { accountEvents, deposits } = exchange.truth();
  for (const asset of ASSETS) {
    const paid = accountEvents
      .filter((event) => event.asset === asset)
      .reduce((sum, event) => sum.plus(event.amount), new Big(OPENING[asset]).times(KEYS.length));
    assert.equal(paid.toFixed(), new Big(deposits[asset] ?? '0').toFixed(), `events of ${asset}`);
  }
}

/** Remembers every finished order as it was when first seen, and insists on it from then on. */
function finishedOrders(exchange: Exchange): () => void {
  const finished = new Map<string, string>();
  return () => {
    const { orders } = exchange.truth();
    for (const order of orders) {
      if (order.status === 'NEW' || order.status === 'PARTIALLY_FILLED') continue;
      const text = JSON.stringify(order);
      assert.equal(finished.get(order.orderId) ?? text, text, `${order.orderId} changed after its end`);
      finished.set(order.orderId, text);
    }
  };
}

test('in 10,000 steps with every fault, limits and a busy world nothing is lost, created or locked without reason', () => {
  const { exchange, clock } = open('long');
  const assertFinished = finishedOrders(exchange);
  const check = (): void => {
    assertConsistent(exchange);
    assertEventsAddUp(exchange);
    assertFinished();
  };

  play(exchange, clock, 10_000, (step) => {
    if (step < 200 || step % 500 === 0) check();
  });
  clock.advance(60_000);
  check();

  const { orders, trades, accountEvents } = exchange.truth();
  const journal = exchange.journal();
  for (const end of ['FILLED', 'CANCELED', 'PARTIALLY_CANCELED']) {
    assert.ok(
      orders.some(({ status }) => status === end),
      end,
    );
  }
  assert.deepEqual(new Set(accountEvents.map(({ type }) => type)), new Set(['DEPOSIT', 'WITHDRAW']));
  assert.ok(trades.some(({ isSelfTrade }) => isSelfTrade) && trades.some(({ isMaker }) => isMaker));
  assert.ok(
    trades.some(({ commissionAsset }) => commissionAsset === 'MX'),
    'fees in MX occur',
  );
  assert.ok(orders.some(({ byHand, status }) => byHand && status === 'FILLED'));
  const seen = new Set(journal.flatMap(({ faults }) => faults));
  assert.deepEqual(
    FAULTS.map(({ kind }) => kind).filter((kind) => !seen.has(kind)),
    [],
    'every fault occurs',
  );
  assert.ok(journal.some(({ limit }) => limit === 'order') && journal.some(({ limit }) => limit === 'ban'));
  assert.ok(journal.some(({ at, executedAt }) => executedAt !== null && executedAt - at === 4000));
  assert.equal(exchange.usage().budgets.find(({ budget }) => budget === 'order')?.peak, 12);
});

test('equal seeds and scripts give byte-identical traces, with every fault and limit', () => {
  const run = (seed: string): string => {
    const { exchange, clock } = open(seed);
    play(exchange, clock, 800, () => {});
    return exchange.trace();
  };

  assert.equal(run('a'), run('a'));
  assert.notEqual(run('a'), run('b'));
});

test('the inputs of a run, taken again, give the same exchange; so does a snapshot with a queue in it', () => {
  const { exchange, clock } = open('again');
  const begun = exchange.snapshot();
  const inputs: Input[] = [];
  exchange.record((input) => inputs.push(structuredClone(input)));
  let halfway: unknown;
  let replayFrom = 0;
  play(exchange, clock, 800, () => {
    if (halfway !== undefined || inputs.length < 400 || exchange.snapshot().late.length === 0) return;
    halfway = JSON.parse(JSON.stringify(exchange.snapshot()));
    replayFrom = inputs.length;
  });
  assert.notEqual(halfway, undefined);

  for (const [state, from] of [
    [begun, 0],
    [halfway, replayFrom],
  ] as const) {
    const copy = createExchange({ seed: 'ignored', clock, state });
    for (const input of inputs.slice(from)) copy.replay(input);
    assert.deepEqual(copy.snapshot(), exchange.snapshot());
    assert.equal(copy.trace(), exchange.trace());
  }
});
