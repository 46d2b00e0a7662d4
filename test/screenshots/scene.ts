import { createBalances } from '../../lib/dynamo/balances.ts';
import { createDynamo } from '../../lib/dynamo/client.ts';
import { systemClock } from '../../lib/runtime/clock.ts';
import { startTrading, type TradingStack } from '../support/trading-stack.ts';
import { waitFor } from '../support/wait-for.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;
const STRATEGIES = {
  'ema-cross': {
    symbols: ['SOLUSDT'],
    maxOrdersPerDay: 40,
    maxNotionalPerDay: '2500',
    triggers: { maxDailyLoss: '50' },
  },
  breakout: { symbols: ['SOLUSDT', 'XRPUSDT'], maxOrdersPerDay: 10, triggers: { maxDailyLoss: '120' } },
  'mean-revert': {},
};

/** A stack on which something has happened, for looking at. */
export interface Scene {
  readonly stack: TradingStack;
  /** An order with a life worth showing. */
  readonly order: string;
}

/** @param parts end what it starts */
export const setScene = async (parts: AsyncDisposableStack): Promise<Scene> => {
  const stack = parts.adopt(
    await startTrading({ exchange: { seed: 'screenshots' }, strategies: STRATEGIES, stream: true }),
    (it) => it.stop(),
  );
  const move = (price: string): unknown =>
    stack.market.apply({ do: 'price', with: { symbol: 'SOLUSDT', price } });
  const sequences = new Map<string, number>();
  const alert = (strategy: string, fields: Readonly<Record<string, unknown>>) => {
    const sequence = (sequences.get(strategy) ?? 0) + 1;
    sequences.set(strategy, sequence);
    return stack.alert(strategy, `signal ${sequence}`, { sequence, ...fields });
  };
  await stack.invoke('snapshot-balances', {});
  await seedSnapshots(stack);
  const from = new Date(Date.now() - 8 * 60 * MINUTE).toISOString();
  const backfill = { symbol: 'METALUSDT', interval: '1m', from, to: new Date().toISOString() };
  await Promise.all([stack.invoke('pull-klines', {}), stack.invoke('pull-klines', { backfill })]);

  await alert('ema-cross', { quoteQuantity: '320', signalPrice: '142.3', comment: 'EMA 20 over EMA 50' });
  await alert('breakout', { type: 'limit', price: '140', quantity: '2' });
  move('143.1');
  const shown = await alert('ema-cross', { quantity: '1.237', signalPrice: '143', info: { interval: '15' } });
  move('144.2');
  await alert('ema-cross', { action: 'sell', percent: '60', signalPrice: '144.3' });
  // Alerts that never came.
  sequences.set('breakout', 3);
  await alert('breakout', { symbol: 'XRPUSDT', quoteQuantity: '75' });
  await alert('breakout', { quoteQuantity: '900000' });
  await alert('mean-revert', { action: 'close' });
  await alert('mean-revert', { quoteQuantity: '12', test: true });
  stack.market.faults.add({ match: { method: 'POST', path: '/api/v3/order', times: 1 }, kind: 'drop-after' });
  stack.market.faults.add({ match: { symbol: 'XRPUSDT' }, kind: 'flap' });
  await alert('mean-revert', { symbol: 'XRPUSDT', quoteQuantity: '25' });
  await waitFor('the fills are applied', async () =>
    (await stack.orderOf(shown)).fills.length > 0 ? true : undefined,
  );
  return { stack, order: shown.json.id };
};

/** A week of snapshots before the true one: a week is too long to wait for. */
const seedSnapshots = async (stack: TradingStack): Promise<void> => {
  process.env.AWS_ENDPOINT_URL_DYNAMODB = stack.engine.endpoint;
  process.env.AWS_REGION = 'local';
  process.env.AWS_ACCESS_KEY_ID = 'local';
  process.env.AWS_SECRET_ACCESS_KEY = 'local';
  const none = { orders: '', strategies: '', positions: '', symbols: '', fills: '', control: '' };
  const balances = createBalances(createDynamo(none, systemClock), {
    balances: 'Balances',
    profit: 'Profit',
  });
  const options = { deadline: Date.now() + 60_000 };
  const newest = await balances.latest(options);
  if (!newest) throw new Error('there is no snapshot to go on from');
  let peak = 0;
  for (let back = (7 * DAY) / (60 * MINUTE); back >= 1; back -= 1) {
    const wave = 900 * Math.sin(back / 19) + 420 * Math.sin(back / 5.3) + 130 * Math.sin(back * 1.7);
    const total = Number(newest.total) - back * 9 + wave * Math.min(1, back / 30);
    peak = Math.max(peak, total);
    const slot = newest.slot - back * 60 * MINUTE;
    await balances.save(
      {
        ...newest,
        slot,
        takenFrom: slot,
        takenTo: slot,
        total: total.toFixed(2),
        peak: peak.toFixed(2),
        drawdownPercent: ((1 - total / peak) * 100).toFixed(4),
        version: 1,
      },
      options,
    );
  }
};
