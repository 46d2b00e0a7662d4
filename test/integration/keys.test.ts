import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { type TestContext, test } from 'node:test';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { tellOthers } from '../../infra/local/running.ts';
import { serveSecrets } from '../../infra/local/secrets-server.ts';
import { keys } from '../../lib/cli/keys.ts';
import { readAlert } from '../../lib/domain/alert.ts';
import { credentialsOf, readJson } from '../../lib/domain/alert-body.ts';
import { SIMULATOR_KEYS } from '../../lib/simulator/accounts.ts';
import { createExchange, systemClock } from '../../lib/simulator/exchange.ts';
import { listen } from '../../lib/simulator/server.ts';
import { type Ended, run } from '../support/command-line.ts';
import { removeFolder, temporaryFolder } from '../support/local-folders.ts';

const { trade, read } = SIMULATOR_KEYS;
const NOWHERE = { DATA_DIR: '/nowhere' };

const open = async (t: TestContext) => {
  const exchange = createExchange({ seed: 'keys', clock: systemClock });
  const { url, close } = await listen(exchange);
  t.after(close);
  const secrets = await serveSecrets();
  t.after(secrets.close);
  for (const name of ['TradeKey', 'ReadKey', 'WebhookTokens']) secrets.create({ name });
  const client = new SecretsManagerClient({
    endpoint: secrets.url,
    region: 'local',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  t.after(() => client.destroy());
  return {
    exchange,
    secretsUrl: secrets.url,
    exchangeUrl: url,
    stored: async (name: string): Promise<unknown> => {
      try {
        return JSON.parse(
          (await client.send(new GetSecretValueCommand({ SecretId: name }))).SecretString ?? '',
        );
      } catch {
        return undefined;
      }
    },
    set: (kind: string, typed: { accessKey: string; secretKey: string }, ...more: string[]): Promise<Ended> =>
      run(keys, ['set', kind, '--endpoint', secrets.url, '--exchange', url, ...more], NOWHERE, [
        typed.accessKey,
        typed.secretKey,
      ]),
    webhook: (...args: string[]): Promise<Ended> =>
      run(keys, ['webhook', ...args, '--endpoint', secrets.url], NOWHERE),
  };
};

const saysNothingOf = ({ out, err }: Ended, ...secrets: readonly string[]): void => {
  // The simulator's key has the name of its secret in it.
  const said = `${out}${err}`.replaceAll('TradeKey', '');
  for (const secret of secrets)
    for (let from = 0; from + 8 <= secret.length; from += 1)
      assert.ok(!said.includes(secret.slice(from, from + 8)), 'a piece of a secret was printed');
};

test('a key that works is stored as the functions read it, and never shown', async (t) => {
  const { set, stored } = await open(t);

  const ended = await set('trade', { accessKey: ` ${trade.accessKey} `, secretKey: trade.secretKey });
  const other = await set('read', read);

  assert.deepEqual([ended.status, other.status], [0, 0]);
  assert.deepEqual(await stored('TradeKey'), { ...trade });
  assert.deepEqual(await stored('ReadKey'), { ...read });
  for (const each of [ended, other])
    saysNothingOf(each, trade.accessKey, trade.secretKey, read.accessKey, read.secretKey);
});

test('a key that does not work is not stored, forced or not', async (t) => {
  const { set, stored } = await open(t);

  const wrong = await set('trade', { ...trade, secretKey: read.secretKey }, '--force');
  const empty = await set('trade', { accessKey: '', secretKey: '' });

  assert.deepEqual([wrong.status, empty.status], [1, 2]);
  assert.match(wrong.out, /signature/);
  assert.equal(await stored('TradeKey'), undefined);
  saysNothingOf(wrong, trade.accessKey, read.secretKey);
});

test('a key that may withdraw, or may not trade, is refused unless forced', async (t) => {
  const { exchange, set, stored } = await open(t);
  const permissions = 'SPOT_ACCOUNT_READ,SPOT_DEAL_READ,SPOT_DEAL_WRITE,SPOT_WITHDRAW_W';
  exchange.apply({
    do: 'fault',
    with: {
      kind: 'answer',
      status: 200,
      match: { path: '/api/v3/apiKeyInfo' },
      body: { permissions, remainingValidity: -999, ipWhiteList: '', status: 'VALID', createTime: 0 },
    },
  });

  const refused = await set('trade', trade);
  assert.deepEqual([refused.status, await stored('TradeKey')], [1, undefined]);
  assert.match(refused.out, /withdraw right: .*money can leave/);

  assert.equal((await set('trade', trade, '--force')).status, 0);
  assert.deepEqual(await stored('TradeKey'), { ...trade });

  exchange.apply({ do: 'faultsCleared', with: {} });
  const lacking = await set('trade', read);
  assert.equal(lacking.status, 1);
  assert.match(lacking.out, /right missing: .*SPOT_DEAL_WRITE/);
  assert.deepEqual(await stored('TradeKey'), { ...trade });
});

test('an exchange that does not answer, or secrets that do not, is exit code 3', async (t) => {
  const { set, secretsUrl, stored } = await open(t);

  const noExchange = await set('trade', trade, '--exchange', 'http://127.0.0.1:9');
  const noSecrets = await run(keys, ['webhook', 'demo', '--endpoint', 'http://127.0.0.1:9'], NOWHERE);

  assert.deepEqual([noExchange.status, noSecrets.status], [3, 3]);
  assert.equal(await stored('TradeKey'), undefined);
  assert.ok(secretsUrl);
});

test('a key given as an argument is refused and not repeated', async () => {
  for (const args of [
    ['set', trade.secretKey],
    ['set', 'trade', trade.accessKey, trade.secretKey],
    ['set', '--secret-key', trade.secretKey],
    ['set', `--secretKey=${trade.secretKey}`],
  ]) {
    const ended = await run(keys, args, NOWHERE);
    assert.equal(ended.status, 2);
    assert.match(ended.err, /never given as/);
    saysNothingOf(ended, trade.accessKey, trade.secretKey);
  }
  assert.equal((await run(keys, ['set', '--help'])).status, 0);
  assert.equal((await run(keys, [])).status, 2);
});

test('a webhook token is 256 bits, shown once in an alert that the webhook understands', async (t) => {
  const { webhook, stored } = await open(t);

  const ended = await webhook('ema cross', '--url', 'https://example.test/webhook');

  assert.equal(ended.status, 0);
  const [, token = ''] = /"token": "([^"]+)"/.exec(ended.out) ?? [];
  assert.match(token, /^[A-Za-z0-9_-]{43}$/);
  assert.deepEqual(await stored('WebhookTokens'), { 'ema cross': [token] });
  assert.match(ended.out, /https:\/\/example\.test\/webhook/);
  const filled = Object.entries({
    timenow: new Date().toISOString(),
    ticker: 'SOLUSDT',
    'strategy.position_size': '1.5',
    'strategy.market_position': 'long',
    close: '142.4',
    'strategy.order.comment': 'in',
  }).reduce(
    (text, [name, value]) => text.replaceAll(`{{${name}}}`, value),
    ended.out.slice(ended.out.indexOf('{')),
  );
  assert.doesNotMatch(filled, /\{\{/);
  const read = readJson(filled);
  assert.ok(read.ok);
  assert.deepEqual(credentialsOf(read.raw, undefined), { strategy: 'ema cross', token });
  const alert = readAlert(read.raw, { symbolAliases: {}, shortAs: 'flat', undated: false }, [token]);
  assert.deepEqual(alert.ok, true, JSON.stringify(alert));
});

test('a second token needs a rotation; both work until the old one is dropped', async (t) => {
  const { webhook, stored } = await open(t);
  await webhook('demo');
  const first = await stored('WebhookTokens');
  assert.equal((await webhook('demo')).status, 1);
  assert.deepEqual(await stored('WebhookTokens'), first);

  const rotated = await webhook('demo', '--rotate');
  await webhook('other');

  const [, token = ''] = /"token": "([^"]+)"/.exec(rotated.out) ?? [];
  const both = await stored('WebhookTokens');
  assert.partialDeepStrictEqual(both, { demo: [...Object(first).demo, token] });
  assert.equal((await webhook('demo', '--rotate')).status, 1);

  const dropped = await webhook('demo', '--drop-old');
  assert.equal(dropped.status, 0);
  assert.doesNotMatch(dropped.out, new RegExp(token));
  assert.deepEqual(Object(await stored('WebhookTokens')).demo, [token]);
  assert.deepEqual(Object(await stored('WebhookTokens')).other, Object(both).other);
  assert.equal((await webhook('demo', '--drop-old')).status, 1);
  assert.equal((await webhook('nobody', '--drop-old')).status, 1);
  assert.equal((await webhook('__proto__')).status, 1);
});

test('a secret that cannot be read as tokens is left alone', async (t) => {
  const secrets = await serveSecrets();
  t.after(secrets.close);
  secrets.create({ name: 'WebhookTokens', value: 'one-token-by-hand' });

  const ended = await run(keys, ['webhook', 'demo', '--endpoint', secrets.url], NOWHERE);

  assert.equal(ended.status, 1);
  assert.match(ended.err, /does not have the form/);
  saysNothingOf(ended, 'one-token-by-hand');
});

test('the run on this machine is found by what it tells, and only while it answers', async (t) => {
  const { secretsUrl, exchangeUrl, stored } = await open(t);
  const folder = temporaryFolder();
  t.after(() => removeFolder(folder));
  const takeBack = tellOthers(folder, {
    url: exchangeUrl,
    secretsUrl,
    exchange: { restUrl: exchangeUrl },
  });
  const env = { DATA_DIR: folder };

  const ended = await run(keys, ['set'], env, [trade.accessKey, trade.secretKey]);

  assert.equal(ended.status, 0, ended.err);
  assert.deepEqual(await stored('TradeKey'), { ...trade });
  takeBack();
  assert.match(
    (await run(keys, ['webhook', 'x', '--secret', 'y', '--endpoint', 'http://127.0.0.1:9'], env)).err,
    /could not/,
  );
});

test('secrets of a deployed stack are found by the tags of CloudFormation', async (t) => {
  const { secretsUrl, stored } = await open(t);
  const tags = (stack: string, id: string) => [
    { Key: 'aws:cloudformation:stack-name', Value: stack },
    { Key: 'aws:cloudformation:logical-id', Value: id },
  ];
  // The local service knows no listing; this one answers it in pages and passes everything else on.
  const aws = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', async () => {
      const body = Buffer.concat(chunks).toString('utf8');
      const target = String(request.headers['x-amz-target']);
      response.setHeader('content-type', 'application/x-amz-json-1.1');
      if (!target.endsWith('ListSecrets')) {
        const passed = await fetch(secretsUrl, {
          method: 'POST',
          body,
          headers: { 'x-amz-target': target, 'content-type': 'application/x-amz-json-1.1' },
        });
        response.writeHead(passed.status).end(await passed.text());
      } else if (!body.includes('NextToken')) {
        const SecretList = [{ Name: 'TradeKey', Tags: tags('other', 'WebhookTokens') }];
        response.end(JSON.stringify({ NextToken: 'more', SecretList }));
      } else
        response.end(
          JSON.stringify({ SecretList: [{ Name: 'WebhookTokens', Tags: tags('mine', 'WebhookTokens') }] }),
        );
    });
  }).listen(0, '127.0.0.1');
  t.after(() => aws.close());
  await new Promise((resolve) => aws.once('listening', resolve));
  const address = aws.address();
  assert.ok(address && typeof address === 'object');
  const before = { ...process.env };
  t.after(() => {
    process.env = before;
  });
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_SECRETS_MANAGER: `http://127.0.0.1:${address.port}`,
    AWS_REGION: 'ap-northeast-1',
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'example',
  });

  const found = await run(keys, ['webhook', 'demo', '--stack', 'mine'], NOWHERE);
  const none = await run(keys, ['webhook', 'demo', '--stack', 'yours'], NOWHERE);

  assert.equal(found.status, 0, found.err);
  assert.equal(Object(await stored('WebhookTokens')).demo.length, 1);
  assert.equal(none.status, 1);
  assert.match(none.err, /No secret WebhookTokens of a stack yours was found/);
});
