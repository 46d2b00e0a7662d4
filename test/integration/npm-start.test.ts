import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { createExchange, type Exchange, systemClock } from '../../lib/simulator/exchange.ts';
import { listen } from '../../lib/simulator/server.ts';
import { removeFolder, temporaryFolder } from '../support/local-folders.ts';
import { start } from '../support/local-processes.ts';
import { allOrders } from '../support/webhook.ts';

const READ_TOKEN = 'read-token-of-the-test';

describe('npm start against another exchange', () => {
  let exchange: Exchange;
  let server: Awaited<ReturnType<typeof listen>>;
  let dataDir: string;
  const env = () => ({ PORT: '0', DATA_DIR: dataDir, READ_TOKEN, MEXC_REST_URL: server.url });
  const signedPosts = () =>
    exchange
      .journal()
      .filter(({ method, signature }) => method === 'POST' && signature === 'valid')
      .map(({ path, params }) => ({ path, id: params.newClientOrderId }));

  before(async () => {
    exchange = createExchange({ seed: 'npm-start', clock: systemClock });
    server = await listen(exchange);
  });
  after(() => server.close());
  beforeEach(() => {
    dataDir = temporaryFolder();
  });
  afterEach(() => removeFolder(dataDir));

  test('--once fills the sample by one signed request, and a second process finds it filled', async () => {
    const first = start('infra/local/main.ts', ['--once'], env());
    assert.equal(await first.ended, 0, first.output());

    const second = start('infra/local/main.ts', ['--no-sample'], env());
    const [, url = ''] = await second.seen(/^ready (http:\/\/127\.0\.0\.1:\d+)$/m);
    const orders = await allOrders({ url, readToken: READ_TOKEN });
    second.child.kill('SIGINT');
    await second.ended;

    assert.deepEqual(
      orders.map(({ state }) => state),
      ['filled'],
    );
    assert.deepEqual(signedPosts(), [{ path: '/api/v3/order', id: `${orders[0].id}-1` }]);
  });

  test('--once fails when the exchange will not have the order', async () => {
    const refusal = { status: 400, body: { code: 10007, msg: 'symbol not support api' } };
    exchange.faults.add({ match: { method: 'POST', path: '/api/v3/order' }, kind: 'answer', ...refusal });

    const run = start('infra/local/main.ts', ['--once'], env());

    assert.equal(await run.ended, 1, run.output());
    assert.match(run.output(), /rejected.*10007/);
  });
});
