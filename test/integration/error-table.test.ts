import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { createExchange, type Exchange, systemClock } from '../../lib/simulator/exchange.ts';
import { type Listening, listen } from '../../lib/simulator/server.ts';
import {
  ALERT_ID,
  type Case,
  cases,
  forbidden,
  inParallel,
  PLACEMENT,
  pausing,
  placedFor,
  postponed,
  rejected,
  type StrategyRecord,
  strategyRecords,
  unknown,
  wrongIn,
} from '../support/error-cases.ts';
import { type Local, startLocal } from '../support/local-stack.ts';
import { type Answered, alertOf, deliverUntilTaken, readApi } from '../support/webhook.ts';

/** What an order costs, quote. */
const NOTIONAL = '15';
/** What the exchange asks to wait after too many requests, ms. */
const PAUSE = 1_000;

/** What an alert was answered, and what the read API showed of its order right after. */
interface Seen {
  readonly answer: Answered;
  readonly order: Answered['json'];
}

/** Counters and lanes by strategy. */
interface Books {
  readonly records: ReadonlyMap<string, StrategyRecord>;
  readonly lanes: ReadonlyMap<string, Answered['json']>;
}

describe('an alert whose order the exchange answers with an error', () => {
  let local: Local;
  let exchange: Exchange;
  let server: Listening;
  let reconciled: ReturnType<Local['invoke']>;
  const seen = new Map<Case, Seen>();
  let doubted: Books;

  before(async () => {
    exchange = createExchange({ seed: 'error-table', clock: systemClock });
    server = await listen(exchange);
    const tokens = Object.fromEntries(cases.map(({ strategy }) => [strategy, `token-of-${strategy}`]));
    local = await startLocal({
      env: { MEXC_REST_URL: server.url, WEBHOOK_TOKENS: JSON.stringify(tokens) },
    });
    const [first, ...others] = unknown;
    await send(first!);
    // One run for all. Proving absence takes it about as long as everything that is sent meanwhile.
    reconciled = local.invoke('reconcile-orders', {});
    await inParallel(others, send);
    doubted = await books();
    await inParallel([...rejected, ...postponed], send);
  });
  after(async () => {
    await local.stop();
    await server.close();
  });

  /** Delivers the alert of a case, whose first attempt is answered with the error. */
  const send = async (each: Case): Promise<void> => {
    const { strategy, id, status, body } = each;
    const match = { ...PLACEMENT, clientOrderId: `${id}-1`, times: 1 };
    const headers: Record<string, string> = pausing.includes(each)
      ? { 'retry-after': String(PAUSE / 1_000) }
      : {};
    exchange.faults.add({ kind: 'answer', match, status, body, headers });
    const alert = { strategy, token: `token-of-${strategy}`, quoteQuantity: NOTIONAL, id: ALERT_ID };
    const answer = await deliverUntilTaken(local, alertOf(alert));
    seen.set(each, { answer, order: await orderOf(each) });
  };

  const orderOf = async ({ id }: Case): Promise<Answered['json']> =>
    (await readApi(local, `/orders/${id}`)).json;

  /** The order once it is over: whoever was woken for it, or the next minute, sees to that. */
  const settledOrderOf = async (each: Case): Promise<Answered['json']> => {
    for (;;) {
      const order = await orderOf(each);
      if (order.settled) return order;
    }
  };

  const ordersOf = async (among: readonly Case[]): Promise<Map<Case, Answered['json']>> => {
    const orders = new Map<Case, Answered['json']>();
    await inParallel(among, async (each) => void orders.set(each, await orderOf(each)));
    return orders;
  };

  const books = async (): Promise<Books> => {
    const { positions } = (await readApi(local, '/positions')).json;
    const lanes = new Map<string, Answered['json']>();
    for (const lane of positions) lanes.set(lane.strategy, lane);
    return { records: await strategyRecords(local.engine.endpoint), lanes };
  };

  test(`${rejected.length} refusals (classes F, M, B, C): rejected with code and class, nothing reserved`, () => {
    const wrong = wrongIn(rejected, (each) => {
      const { answer, order } = seen.get(each)!;
      const { code, class: letter, meaning } = each.row!;
      const end = { state: 'rejected', code: String(code), class: letter, reason: meaning };
      return {
        got: [
          { status: answer.status, duplicate: answer.json.duplicate, ...endOf(answer.json) },
          { ...endOf(order), reserved: order.reserved, settled: order.settled },
          placedFor(exchange, each).map(({ attempt, executed }) => ({ attempt, executed })),
        ],
        want: [
          { status: 200, duplicate: undefined, ...end },
          { ...end, reserved: '0', settled: true },
          [{ attempt: `${each.id}-1`, executed: false }],
        ],
      };
    });
    assert.deepEqual(wrong, []);
  });

  test(`${unknown.length} answers that prove nothing (classes U, N, no usable code): unknown, the money reserved`, () => {
    assert.deepEqual(
      wrongIn(unknown, (each) => leftInDoubt(each, doubted)),
      [],
    );
  });

  test(`${postponed.length} refusals before execution (class T): the next attempt fills the order`, async () => {
    await reconciled;
    const orders = await ordersOf(postponed);

    const wrong = wrongIn(postponed, (each) => filledAsSecondAttempt(each, orders.get(each)));
    assert.deepEqual(wrong, []);
  });

  test('all that is unknown is proven absent in one go; nothing of it was sent again', async () => {
    await reconciled;
    const { payload } = await local.invoke('reconcile-orders', {});
    const orders = await ordersOf(unknown);

    const wrong = wrongIn(unknown, (each) => {
      const { state, reserved, settled, attempts } = orders.get(each);
      const placed = placedFor(exchange, each).map(({ attempt, executed }) => ({ attempt, executed }));
      return {
        got: { state, reserved, settled, rounds: attempts[0].evidence?.length, placed },
        want: {
          ...{ state: 'absent', reserved: '0', settled: true, rounds: 2 },
          placed: [{ attempt: `${each.id}-1`, executed: false }],
        },
      };
    });
    assert.deepEqual(wrong, [], payload);
  });

  test(`${pausing.length} refusals for too many requests (429, 418, 510): accepted again, sent after the pause`, async () => {
    const orders = new Map<Case, Answered['json']>();
    for (const each of pausing) {
      await send(each);
      orders.set(each, await settledOrderOf(each));
    }

    const wrong = wrongIn(pausing, (each) => {
      const { answer, order } = seen.get(each)!;
      const { got, want } = filledAsSecondAttempt(each, orders.get(each));
      const [first, second] = placedFor(exchange, each);
      const waited = (second?.at ?? 0) - (first?.at ?? 0);
      return {
        got: {
          ...got,
          meanwhile: [answer.status, answer.json.state, order.state, order.reserved, order.attempts.length],
          waited: waited >= PAUSE ? 'as asked' : waited,
        },
        want: { ...want, meanwhile: [202, 'accepted', 'accepted', '0', 1], waited: 'as asked' },
      };
    });
    assert.deepEqual(wrong, []);
  });

  test('a refusal of key or account (class C) is an error in the log', () => {
    const errors = readFileSync(local.logFile, 'utf8')
      .split('\n')
      .filter((line) => line.includes('"level":"ERROR"'));
    const wrong = wrongIn(
      rejected.filter(({ row }) => row?.class === 'C'),
      ({ id }) => ({ got: errors.some((line) => line.includes(id)), want: true }),
    );
    assert.deepEqual(wrong, []);
  });

  test('after all this every lane is free, nothing is reserved, and only what was executed counts', async () => {
    const { records, lanes } = await books();
    const executed = new Set([...postponed, ...pausing]);
    const wrong = wrongIn([...unknown, ...rejected, ...postponed, ...pausing], (each) => {
      const record = records.get(each.strategy);
      const { sending, waiting } = lanes.get(each.strategy);
      return {
        got: { sending, waiting, ...record, dayNotional: record && record.dayNotional > 0 },
        want: { sending: undefined, waiting: [], reserved: 0, inFlight: [], dayNotional: executed.has(each) },
      };
    });
    assert.deepEqual(wrong, []);
  });

  // Last: such an answer is followed by a long silence.
  test('turned away with HTTP 403 and HTML: unknown, the money reserved', async () => {
    await send(forbidden);

    const now = await books();
    assert.deepEqual(
      wrongIn([forbidden], (each) => leftInDoubt(each, now)),
      [],
    );
  });

  const leftInDoubt = (each: Case, { records, lanes }: Books) => {
    const { answer, order } = seen.get(each)!;
    const [attempt, ...more] = order.attempts;
    const code = each.row && String(each.row.code);
    return {
      got: {
        status: answer.status,
        states: [answer.json.state, order.state, attempt.outcome],
        attempts: 1 + more.length,
        code: code && attempt.code,
        reserved: order.reserved,
        settled: order.settled,
        record: records.get(each.strategy),
        sending: lanes.get(each.strategy).sending,
      },
      want: {
        status: 202,
        states: ['unknown', 'unknown', 'unknown'],
        attempts: 1,
        code,
        reserved: NOTIONAL,
        settled: false,
        record: { reserved: Number(NOTIONAL), dayNotional: Number(NOTIONAL), inFlight: [each.id] },
        sending: each.id,
      },
    };
  };

  const filledAsSecondAttempt = (each: Case, order: Answered['json']) => {
    const [first, second] = order.attempts;
    const code = each.row && String(each.row.code);
    const said = order.history.some(
      ({ state, detail }: { state: string; detail?: string }) =>
        state === 'accepted' && detail?.startsWith('attempt 1 was not executed: '),
    );
    return {
      got: {
        ...{ state: order.state, reserved: order.reserved, settled: order.settled, said },
        outcomes: [first.outcome, second?.outcome],
        code: code && first.code,
        placed: placedFor(exchange, each).map(({ attempt, executed }) => ({ attempt, executed })),
      },
      want: {
        ...{ state: 'filled', reserved: '0', settled: true, said: true },
        outcomes: ['not_executed', 'found'],
        code,
        placed: [
          { attempt: `${each.id}-1`, executed: false },
          { attempt: `${each.id}-2`, executed: true },
        ],
      },
    };
  };
});

/** How an order ended, as answer and read API both show it. */
const endOf = ({ state, code, class: letter, reason }: Answered['json']) => ({
  state,
  code,
  class: letter,
  reason,
});
