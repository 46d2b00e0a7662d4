import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Config } from '../../infra/config.ts';
import { type Invocations, type Quantities, quantitiesOf } from '../../infra/cost/quantities.ts';
import { HOURS, resourcesIn } from '../../infra/cost/resources.ts';
import { COLD_MS, gbSecondsOf, REFUSED, SIGHTING, UNAUTHORIZED, type Work } from '../../infra/cost/work.ts';
import { type CostRun, type Counted, startCounting } from '../support/cost-run.ts';
import { alertOf, deliver } from '../support/webhook.ts';

const SYMBOLS = Array.from({ length: 12 }, (_, n) => `C${n}USDT`);
const DAYS = HOURS / 24;
/** Time between two pulls. */
const FIVE_MINUTES = 300_000;

/** Within a tenth, or within what one request more or less makes. */
const agree = (what: string, estimated: number, counted: number): void =>
  assert.ok(
    Math.abs(estimated - counted) <= 0.1 * counted,
    `${what}: estimated ${estimated.toFixed(1)}, counted ${counted.toFixed(1)}`,
  );

describe('what an estimate says, counted again in a local run and scaled to a day', () => {
  let run: CostRun;
  let quantities: Quantities;
  let first: Counted;

  before(async () => {
    const configuration = {
      symbols: SYMBOLS,
      strategies: { demo: { maxOrdersPerDay: 5 } },
      candles: { depth: 60 },
      expected: { alertsPerMonth: 1_000 },
    };
    run = await startCounting(configuration);
    first = await run.counted();
    quantities = quantitiesOf(Config.parse(configuration), resourcesIn(run.template));
  });
  after(() => run.stop());

  const kind = (what: string): Invocations => {
    const found = quantities.invocations.find((each) => each.what === what);
    assert.ok(found, what);
    return found;
  };

  const invoke = (name: string) => async () => {
    const { error, payload } = await run.invoke(name, {});
    assert.ok(!error, payload);
  };

  const alert = (id: string, fields: object) => async () => {
    const { json } = await deliver(run, alertOf({ symbol: 'C0USDT', id, ...fields }));
    assert.equal(json.state, 'filled', JSON.stringify(json));
  };

  const memory = (deployable: string): number =>
    resourcesIn(run.template).memory.get(deployable) ?? Number.NaN;

  /** Sums a day of what was counted against a day of what is estimated. @param counts by the kinds' names */
  const compare = (counts: Readonly<Record<string, Counted>>): void => {
    for (const what of ['reads', 'writes', 'log', 'exchange', 'tables'] as const) {
      let [estimated, counted] = [0, 0];
      for (const [name, each] of Object.entries(counts)) {
        estimated += (kind(name).perMonth * kind(name)[what]) / DAYS;
        counted += (kind(name).perMonth * each[what]) / DAYS;
      }
      agree(`${what} a day of ${Object.keys(counts).join(', ')}`, estimated, counted);
    }
    for (const [name, each] of Object.entries(counts)) {
      const { deployable, isPart, gbSeconds, perMonth } = kind(name);
      const cold = name === 'alerts' || name === 'snapshots' ? COLD_MS : 0;
      const again = gbSecondsOf(each, memory(deployable), isPart ? undefined : cold);
      agree(`GB-s of ${name}`, gbSeconds / perMonth, again);
    }
  };

  test('the hourly refresh of the rules, which the first run of a stack begins with', () => {
    agree('writes of a refresh', kind('refreshes of the rules').writes, first.writesOf('Symbols'));
  });

  test('snapshots', async () => {
    compare({ snapshots: await run.counted(invoke('snapshot-balances')) });
  });

  test('alerts that buy and that close', async () => {
    await alert('warms', { quoteQuantity: '5' })();

    const bought = await run.counted(alert('buys', { quoteQuantity: '5' }));
    const sold = await run.counted(alert('closes', { action: 'close', quoteQuantity: undefined }));

    compare({ alerts: mean(bought, sold) });
  });

  test('runs of the reconciler, and the orders that they see again', async () => {
    // Its process measures the clock and reads its secret once.
    await invoke('reconcile-orders')();
    const three = await run.counted(invoke('reconcile-orders'));
    await alert('is seen too', { quoteQuantity: '5' })();
    await invoke('reconcile-orders')();
    const four = await run.counted(invoke('reconcile-orders'));

    // A run in a process that came up just now takes a read more.
    for (const [seen, orders] of [
      [three, 3],
      [four, 4],
    ] as const) {
      const reads = seen.reads - orders * SIGHTING.reads;
      compare({ runs: { ...seen, reads, tables: seen.tables - orders * SIGHTING.tables } });
    }
  });

  test('alerts without a right token, and those that a limit refuses', async () => {
    await alert('the last of the day', { quoteQuantity: '5' })();
    const refused = await run.counted(async () => {
      const { status } = await deliver(run, alertOf({ symbol: 'C0USDT', id: 'sixth', quoteQuantity: '5' }));
      assert.equal(status, 429);
    });
    const stranger = await run.counted(async () => {
      const { status } = await deliver(run, alertOf({ quoteQuantity: '5', token: 'not-a-token' }));
      assert.equal(status, 401);
    });

    for (const [what, estimated, counted] of [
      ['a refused alert', REFUSED, refused],
      ['an alert of a stranger', UNAUTHORIZED, stranger],
    ] as const)
      for (const each of ['reads', 'writes', 'tables', 'exchange', 'log'] as const satisfies (keyof Work)[])
        agree(`${each} of ${what}`, estimated[each], counted[each]);
  });

  test('pulls of candles, the units of the candles themselves apart', async () => {
    await invoke('pull-klines')();
    await run.end('pull-klines', {
      backfill: { symbol: 'C0USDT', interval: '1m', from: '2026-01-01', to: '2026-01-02' },
    });
    run.market.apply({ do: 'clock', with: { skewMs: run.aheadMs + FIVE_MINUTES } });

    const counted = await run.counted(invoke('pull-klines'));

    // A process that comes up measures the exchange's clock, which one that goes on does not do.
    const { exchange, tables, reads, log } = kind('pulls');
    const measured = counted.exchange - SYMBOLS.length;
    assert.equal(counted.pathsOf('/api/v3/time'), measured);
    agree('requests to the exchange', exchange, counted.exchange - measured);
    agree('requests to DynamoDB', tables, counted.tables - measured);
    agree('read units', reads, counted.reads);
    agree('bytes of log', log, counted.log);
    // Every read takes its turn in the budget that all processes share.
    assert.equal(counted.writesOf('Control'), counted.exchange);
  });
});

const mean = (a: Counted, b: Counted): Counted => ({
  ...a,
  exchange: (a.exchange + b.exchange) / 2,
  tables: (a.tables + b.tables) / 2,
  reads: (a.reads + b.reads) / 2,
  writes: (a.writes + b.writes) / 2,
  log: (a.log + b.log) / 2,
});
