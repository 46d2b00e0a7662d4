import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { SIMULATOR_KEYS } from '../../lib/simulator/accounts.ts';
import { systemClock } from '../../lib/simulator/clock.ts';
import { createExchange } from '../../lib/simulator/exchange.ts';
import { listen } from '../../lib/simulator/server.ts';
import { removeFolder, temporaryFolder } from '../support/local-folders.ts';
import { descendants, start, survivors } from '../support/local-processes.ts';

const MAIN = 'infra/local/main.ts';

let folder: string;
before(() => {
  folder = temporaryFolder();
});
after(() => removeFolder(folder));

const dataDir = (name: string): Record<string, string> => ({ PORT: '0', DATA_DIR: join(folder, name) });

const refused = async (env: Record<string, string>, args: string[] = []): Promise<string> => {
  const run = start(MAIN, args, { ...dataDir('refused'), ...env });
  assert.equal(await run.ended, 1, run.output());
  return run.output();
};

test('--once fills one sample order and exits 0; a second start knows it, and Ctrl-C leaves nothing', async () => {
  const once = start(MAIN, ['--once'], dataDir('first'));
  assert.equal(await once.ended, 0, once.output());
  assert.equal(once.output().match(/^ready http:\/\/127\.0\.0\.1:\d+$/gm)?.length, 1);
  const [, id = ''] = /order (m[a-z2-7]{25})/.exec(once.output()) ?? [];

  const second = start(MAIN, [], dataDir('first'));
  const [, url = ''] = await second.seen(/^ready (\S+)$/m);
  const [, token = ''] = /^read token +(\S+)$/m.exec(second.output()) ?? [];
  const response = await fetch(`${url}/orders/${id}`, { headers: { authorization: `Bearer ${token}` } });
  const order = JSON.parse(await response.text());

  assert.equal(order.state, 'filled');
  assert.ok(once.output().includes(token), 'the token made at the first start still holds');
  assert.doesNotMatch(second.output(), /sample alert/, 'only the first start sends a sample');
  const pid = second.child.pid ?? 0;
  const family = process.platform === 'linux' ? descendants(pid) : [];
  second.child.kill('SIGINT');
  assert.equal(await second.ended, 0, second.output());
  assert.deepEqual(await survivors([pid, ...family], 1000), []);
});

test('--once against another exchange sends it one signed order, and exits 1 when that refuses', async (t) => {
  const exchange = createExchange({ seed: 'refusing', clock: systemClock });
  const { url, close } = await listen(exchange, { control: false });
  t.after(close);
  const answer = { status: 400, body: { code: 10007, msg: 'bad symbol' } };
  exchange.faults.add({ kind: 'answer', match: { method: 'POST', path: '/api/v3/order' }, ...answer });

  const run = start(MAIN, ['--once'], {
    ...dataDir('refusing'),
    MEXC_REST_URL: url,
    MEXC_TRADE_ACCESS_KEY: SIMULATOR_KEYS.trade.accessKey,
    MEXC_TRADE_SECRET_KEY: SIMULATOR_KEYS.trade.secretKey,
  });
  assert.equal(await run.ended, 1, run.output());

  assert.match(run.output(), /The sample order ended rejected \(10007/);
  assert.doesNotMatch(run.output(), /simulator/);
  const [, id] = /order (m[a-z2-7]{25})/.exec(run.output()) ?? [];
  const posts = exchange.journal({ path: '/api/v3/order' }).filter(({ method }) => method === 'POST');
  assert.deepEqual(
    posts.map(({ params }) => params.newClientOrderId),
    [`${id}-1`],
  );
});

test('what the user can put right is said in one line, and ends with 1', async (t) => {
  const config = join(folder, 'config.json');
  writeFileSync(config, '{"strategies": {"demo": {"maxOrdersPerDay": 0}}}');
  const server = createServer().listen(0, '127.0.0.1');
  t.after(() => server.close());
  await new Promise((listening) => server.once('listening', listening));
  const address = server.address();
  const port = String(typeof address === 'object' && address ? address.port : 0);

  const said = await Promise.all([
    refused({ PORT: 'x' }),
    refused({ PORT: port }),
    refused({}, ['--twice']),
    refused({ CONFIG: config, DATA_DIR: join(folder, 'configured') }),
  ]);

  const expected = [
    /^PORT must be/,
    /^PORT \d+ is in use/,
    /^Unknown option '--twice'/,
    /strategies\.demo\.maxOrdersPerDay: /,
  ];
  for (const [index, words] of said.entries()) {
    assert.match(words, expected[index] ?? /^$/);
    assert.equal(words.trim().split('\n').length, 1, words);
  }
});
