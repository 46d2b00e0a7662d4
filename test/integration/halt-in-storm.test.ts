import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { type Decimal, decimal, plain, sum, ZERO } from '../../lib/domain/money.ts';
import { createExchange, type Exchange, systemClock } from '../../lib/simulator/exchange.ts';
import { listen } from '../../lib/simulator/server.ts';
import { removeFolder, temporaryFolder } from '../support/local-folders.ts';
import { type StartedStack, startStack } from '../support/npm-start.ts';
import { getControl, type Operated, putControl } from '../support/operator.ts';
import { configFile, strategiesOf, tokensOf } from '../support/trading-stack.ts';
import { type Answered, alertOf, allOrders, deliverUntilTaken } from '../support/webhook.ts';

const ADMIN_TOKEN = 'admin-token-of-the-test';
const STRATEGIES = 20;
const PER_STRATEGY = 10;
/** Orders of the storm that the exchange has taken when the operator halts. */
const HALT_AFTER = 15;
/** What each strategy has used of its limit in the end. */
const LEAST_USED = '0.95';

/** A limit, one large order that uses most of it, and small ones of which a few more fit. */
interface Kind {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly limit: string;
  /** What of the limit an order uses, from its request as the exchange got it. */
  readonly uses: (request: Readonly<Record<string, string>>) => string;
  readonly large: Readonly<Record<string, unknown>>;
  readonly small: Readonly<Record<string, unknown>>;
  /** The storm's second lane, where the limit spans lanes. */
  readonly elsewhere?: Readonly<Record<string, unknown>>;
}

const one = (): string => '1';
const amount = ({ quoteOrderQty = '0' }: Readonly<Record<string, string>>): string => quoteOrderQty;
const worth = ({ quantity = '0', price = '0' }: Readonly<Record<string, string>>): string =>
  plain(decimal(quantity).times(price));
/** Below the market, so that they rest and their reservation stays as it was made: 13.8 USDT each, the large one 276. */
const resting = { type: 'limit', symbol: 'SOLUSDT', price: '138.00', quantity: '0.1' };
const restingElsewhere = { type: 'limit', symbol: 'XRPUSDT', price: '2.0000', quantity: '6.9' };
const restingLarge = { ...resting, quantity: '2' };
const market = (quoteQuantity: string, symbol = 'SOLUSDT') => ({ symbol, quoteQuantity });

const KINDS: readonly Kind[] = [
  {
    settings: { maxOrdersPerDay: 3 },
    limit: '3',
    uses: one,
    large: market('5'),
    small: market('5'),
    elsewhere: market('5', 'XRPUSDT'),
  },
  {
    settings: { maxOpenOrders: 3 },
    limit: '3',
    uses: one,
    large: resting,
    small: resting,
    elsewhere: restingElsewhere,
  },
  {
    settings: { maxPositionNotional: '100' },
    limit: '100',
    uses: amount,
    large: market('90'),
    small: market('4'),
  },
  {
    settings: { maxNotionalPerDay: '303.6' },
    limit: '303.6',
    uses: worth,
    large: restingLarge,
    small: resting,
    elsewhere: restingElsewhere,
  },
  {
    // A cent short of what the one above has.
    settings: { maxNotionalPerDay: '303.59' },
    limit: '303.59',
    uses: worth,
    large: restingLarge,
    small: resting,
    elsewhere: restingElsewhere,
  },
];
const kindOf = (n: number): Kind => KINDS[n % KINDS.length] ?? assert.fail();

describe('two hundred alerts in one second at the limits of twenty strategies, and a halt among them', () => {
  const parts = new AsyncDisposableStack();
  const exchange = createExchange({ seed: 'halt-in-storm', clock: systemClock, limits: 'strict' });
  const strategies = strategiesOf(STRATEGIES, (n) => kindOf(n).settings);
  const names = Object.keys(strategies);
  let stack: StartedStack & Operated;
  let storm: readonly Answered[];
  let halted: Answered;
  let haltedAt = 0;
  let acceptedBefore = 0;
  before(async () => {
    const server = parts.adopt(await listen(exchange), (it) => it.close());
    const folder = parts.adopt(temporaryFolder(), removeFolder);
    const started = parts.adopt(
      await startStack({
        DATA_DIR: folder,
        CONFIG: configFile(folder, strategies),
        MEXC_REST_URL: server.url,
        ADMIN_TOKEN,
        WEBHOOK_TOKENS: tokensOf(strategies),
      }),
      (it) => it.stop(),
    );
    stack = { ...started, adminToken: ADMIN_TOKEN };

    await Promise.all(names.map((_, n) => send(n, 'large', kindOf(n).large)));
    await stack.reconcile();
    assert.equal(accepted(exchange).length, STRATEGIES);

    const halt = taken(exchange, STRATEGIES + HALT_AFTER).then(async () => {
      halted = await putControl(stack, { mode: 'HALTED' });
      haltedAt = Date.now();
      acceptedBefore = accepted(exchange).length;
    });
    const begun = Date.now();
    const answers: Promise<Answered>[] = [];
    for (let round = 0; round < PER_STRATEGY; round += 1) {
      for (let n = 0; n < STRATEGIES; n += 1) {
        const { small, elsewhere = small } = kindOf(n);
        answers.push(send(n, `small ${round}`, round % 2 === 0 ? small : elsewhere));
        const ahead = begun + (answers.length * 1_000) / (STRATEGIES * PER_STRATEGY) - Date.now();
        if (ahead > 0) await wait(ahead);
      }
    }
    storm = await Promise.all(answers);
    // Where the alerts were answered before so many had their turn.
    if (accepted(exchange).length < STRATEGIES + HALT_AFTER) await stack.reconcile();
    assert.ok(accepted(exchange).length >= STRATEGIES + HALT_AFTER, 'there was something to halt');
    await halt;
    await stack.reconcile();
  });
  after(() => parts.disposeAsync());

  const send = (n: number, id: string, order: Readonly<Record<string, unknown>>): Promise<Answered> => {
    const strategy = names[n] ?? '';
    return deliverUntilTaken(stack, alertOf({ strategy, id: `${strategy} ${id}`, ...order }));
  };
  const records = async (): Promise<ReadonlyMap<string, Answered['json']>> =>
    new Map((await getControl(stack)).strategies.map((each: Answered['json']) => [each.strategy, each]));
  /** What each strategy has used of its limit, by what the exchange accepted alone. */
  const used = async (): Promise<ReadonlyMap<string, Decimal>> => {
    const owners = new Map((await allOrders(stack)).map(({ id, strategy }) => [id, strategy]));
    const requests = Map.groupBy(accepted(exchange), ({ params }) => owners.get(idIn(params)));
    return new Map(
      names.map((name, n) => [
        name,
        sum((requests.get(name) ?? []).map(({ params }) => kindOf(n).uses(params))),
      ]),
    );
  };

  /** The same by the ledger: every order that was ever reserved for and was not given back. */
  const reservedInAll = async (): Promise<ReadonlyMap<string, Decimal>> => {
    const sent = (await allOrders(stack)).filter(
      ({ state, history }) =>
        state !== 'refused' && history.some((each: Answered['json']) => each.state === 'submitting'),
    );
    return new Map(
      names.map((name, n) => [
        name,
        sum(
          sent
            .filter(({ strategy }) => strategy === name)
            .map(({ quantity, price, quoteQuantity }) =>
              kindOf(n).uses({ quantity, price, quoteOrderQty: quoteQuantity }),
            ),
        ),
      ]),
    );
  };

  test('the exchange accepts nothing after the halt’s answer has arrived', async (t) => {
    assert.equal(halted.status, 200, halted.text);
    const placed = accepted(exchange);

    assert.ok(acceptedBefore >= STRATEGIES + HALT_AFTER);
    assert.deepEqual(
      placed.filter(({ executedAt }) => executedAt === null || executedAt > haltedAt),
      [],
    );
    assert.equal(placed.length, acceptedBefore);
    t.diagnostic(`${placed.length - STRATEGIES} of the storm's orders were accepted before the halt`);
  });

  test('the halt came in the middle: some of the alerts were refused by it', async () => {
    const refused = (await allOrders(stack)).filter(({ state }) => state === 'refused');
    const codes = await Promise.all(refused.map(async ({ history }) => history.at(-1)?.detail ?? ''));

    assert.ok(
      codes.some((detail) => /halted/i.test(detail)),
      JSON.stringify(codes.slice(0, 3)),
    );
  });

  test('no alert is lost: each has its entry, and nothing waits', async () => {
    const orders = await allOrders(stack);
    const states = new Map(orders.map(({ id, state }) => [id, state]));

    assert.deepEqual(
      storm
        .filter(({ status, json }) => status >= 500 || !states.has(json.id ?? json.error?.id))
        .map(({ text }) => text),
      [],
    );
    assert.equal(orders.length, STRATEGIES * (PER_STRATEGY + 1));
    assert.deepEqual(
      [...states.values()].filter((state) => !['filled', 'open', 'refused'].includes(state)),
      [],
    );
  });

  test('armed again, each is driven to its limit, and not one cent beyond', async (t) => {
    await putControl(stack, { mode: 'ACTIVE' });
    await Promise.all(
      names.flatMap((_, n) => {
        const { small, elsewhere = small } = kindOf(n);
        return [small, elsewhere, small].map((order, more) => send(n, `later ${more}`, order));
      }),
    );
    await stack.reconcile();

    const byExchange = await used();
    const byLedger = await reservedInAll();
    for (const [n, name] of names.entries()) {
      const { limit } = kindOf(n);
      for (const total of [byExchange, byLedger]) {
        const share = (total.get(name) ?? ZERO).div(limit);
        assert.ok(share.lte('1') && share.gte(LEAST_USED), `${name}: ${share.toFixed()} of ${limit}`);
      }
    }
    t.diagnostic(KINDS.map((_, n) => byExchange.get(`s-${n}`)?.toFixed()).join(', '));
  });

  test('what the strategies’ records hold is what the exchange holds of them', async () => {
    const orders = await allOrders(stack);
    const open = new Map(
      names.map((name) => [name, orders.filter((o) => o.strategy === name && o.state === 'open')]),
    );
    for (const [name, { reserved, inFlight, day }] of await records()) {
      const own = open.get(name) ?? [];
      assert.equal(inFlight.length, own.length, name);
      assert.equal(reserved, plain(sum(own.map((o) => plain(decimal(o.quantity).times(o.price))))), name);
      const { settings } = kindOf(names.indexOf(name));
      if (typeof settings.maxNotionalPerDay === 'string')
        assert.ok(decimal(day.notional).lte(settings.maxNotionalPerDay));
    }
  });
});

const idIn = ({ newClientOrderId = '' }: Readonly<Record<string, string>>): string =>
  newClientOrderId.split('-')[0] ?? '';

const accepted = (exchange: Exchange) =>
  exchange
    .journal({ path: '/api/v3/order' })
    .filter(({ method, orderId }) => method === 'POST' && orderId !== null);

/** Resolves when the exchange has accepted so many orders. */
const taken = (exchange: Exchange, count: number): Promise<void> =>
  new Promise((resolve) => {
    exchange.record((input) => {
      if (!('request' in input) || input.request.method !== 'POST') return;
      if (accepted(exchange).length < count) return;
      exchange.record(null);
      resolve();
    });
  });
