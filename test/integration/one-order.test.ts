import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createExchange, type Exchange, systemClock } from '../../lib/simulator/exchange.ts';
import { listen } from '../../lib/simulator/server.ts';
import { removeFolder, temporaryFolder } from '../support/local-folders.ts';
import { descendants, type Started, start, survivors } from '../support/local-processes.ts';
import { alertOf, deliver, readApi } from '../support/webhook.ts';

const ROUNDS = 20;
const DELIVERIES = 50;

describe('one alert, many deliveries', () => {
  const dataDir = temporaryFolder();
  let exchange: Exchange;
  let server: Awaited<ReturnType<typeof listen>>;
  let running: Started;
  let stack: { url: string; readToken: string };

  const boot = async (): Promise<void> => {
    running = start('infra/local/main.ts', ['--no-sample'], {
      PORT: '0',
      DATA_DIR: dataDir,
      READ_TOKEN: 'read-token-of-the-test',
      MEXC_REST_URL: server.url,
    });
    const [, url = ''] = await running.seen(/^ready (http:\/\/\S+)$/m);
    stack = { url, readToken: 'read-token-of-the-test' };
  };

  const killEverything = async (): Promise<void> => {
    const pids = [running.child.pid ?? 0, ...descendants(running.child.pid ?? 0)];
    for (const pid of pids) process.kill(pid, 'SIGKILL');
    await running.ended;
    assert.deepEqual(await survivors(pids, 5_000), []);
  };

  before(async () => {
    exchange = createExchange({ seed: 'one-order', clock: systemClock });
    server = await listen(exchange);
    await boot();
  });
  after(async () => {
    running.child.kill('SIGTERM');
    await running.ended;
    await server.close();
    removeFolder(dataDir);
  });

  test(`${ROUNDS} rounds of ${DELIVERIES} at once, then once more after kill -9 of everything`, async () => {
    const alerts = Array.from({ length: ROUNDS }, (_, round) => ({
      id: `round-${round}`,
      quoteQuantity: '5',
    }));
    const ids = new Map<string, string>();
    for (const alert of alerts) {
      const body = alertOf(alert);
      const answers = await Promise.all(Array.from({ length: DELIVERIES }, () => deliver(stack, body)));
      const named = new Set(answers.map(({ json }) => json.id));
      assert.deepEqual(
        [...new Set(answers.map(({ status }) => status))].filter(
          (status) => status !== 200 && status !== 202,
        ),
        [],
      );
      assert.equal(named.size, 1, `round ${alert.id}`);
      ids.set(body, answers[0]!.json.id);
    }

    await killEverything();
    await boot();
    for (const [body, id] of ids) {
      const { status, json } = await deliver(stack, body);
      assert.deepEqual(
        { id: json.id, duplicate: json.duplicate, ok: status === 200 || status === 202 },
        { id, duplicate: true, ok: true },
      );
    }
    const invoked = await fetch(`${stack.url}/2015-03-31/functions/reconcile-orders/invocations`, {
      method: 'POST',
      body: '{}',
    });
    assert.equal(invoked.status, 200);

    const placed = exchange
      .journal({ path: '/api/v3/order' })
      .filter(({ method, orderId }) => method === 'POST' && orderId !== null)
      .map(({ params }) => params.newClientOrderId);
    assert.deepEqual(placed.toSorted(), [...ids.values()].map((id) => `${id}-1`).toSorted());
    for (const id of ids.values()) {
      assert.equal((await readApi(stack, `/orders/${id}`)).json.state, 'filled');
    }
  });
});
