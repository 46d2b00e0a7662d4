import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { describe, test } from 'node:test';
import { serveSecrets } from '../../infra/local/secrets-server.ts';
import { doctor } from '../../lib/cli/doctor.ts';
import { SIMULATOR_KEYS } from '../../lib/simulator/accounts.ts';
import { run } from '../support/command-line.ts';
import { examined, KEYS, openExchange } from '../support/doctor.ts';

const { trade, read } = SIMULATOR_KEYS;
const DAY = 86_400_000;
const RIGHTS = 'SPOT_ACCOUNT_READ,SPOT_DEAL_READ,SPOT_DEAL_WRITE';

describe('doctor', { concurrency: 4 }, () => {
  test('finds nothing wrong where nothing is, and says what it tried', async (t) => {
    const { exchange, url } = await openExchange(t);

    const { status, bad, verdicts, of } = await examined(url);

    assert.deepEqual({ status, bad }, { status: 0, bad: [] });
    assert.deepEqual(
      verdicts.map(({ verdict }) => verdict),
      ['round_trip', 'clock', 'key', 'key', 'order', 'balance'],
    );
    assert.match(of('round_trip')?.message ?? '', /p50 of 5/);
    assert.match(of('order')?.message ?? '', /buy SOL for 1 USDT at market/);
    const placed = exchange.journal({ path: '/api/v3/order' }).filter(({ method }) => method === 'POST');
    assert.deepEqual(placed, []);
  });

  test('a wrong secret key is a wrong signature', async (t) => {
    const { url } = await openExchange(t);

    const { status, bad } = await examined(url, [], { ...KEYS, MEXC_TRADE_SECRET_KEY: read.secretKey });

    assert.deepEqual({ status, bad }, { status: 1, bad: ['wrong signature'] });
  });

  test('a key that was deleted, or never was, is unknown', async (t) => {
    const { exchange, url } = await openExchange(t);
    exchange.apply({ do: 'key', with: { accessKey: trade.accessKey, revoked: true } });

    const { status, bad } = await examined(url);

    assert.deepEqual({ status, bad }, { status: 1, bad: ['wrong key_unknown'] });
  });

  test('a clock that is off is measured, in both directions', async (t) => {
    const { exchange, url } = await openExchange(t);
    exchange.apply({ do: 'clock', with: { skewMs: 7_200 } });

    const behind = await examined(url);

    assert.deepEqual([behind.status, behind.bad], [1, ['wrong clock']]);
    assert.match(behind.of('clock')?.message ?? '', /clock is 7\.2 s behind/);

    exchange.apply({ do: 'clock', with: { skewMs: -400 } });
    const ahead = await examined(url);

    assert.deepEqual([ahead.status, ahead.bad], [0, ['warn clock']]);
    assert.match(ahead.of('clock')?.message ?? '', /clock is (39|40)\d ms ahead/);
  });

  test('a timestamp that is refused though the clocks agree is a matter of the clock', async (t) => {
    const { exchange, url } = await openExchange(t);
    exchange.apply({ do: 'fault', with: { kind: 'skew', ms: 60_000, stamps: false, match: {} } });

    const { status, bad } = await examined(url);

    assert.deepEqual({ status, bad }, { status: 1, bad: ['wrong clock', 'wrong clock'] });
  });

  test('an address that the key is not bound to is named as such', async (t) => {
    const { exchange, url } = await openExchange(t);
    exchange.apply({ do: 'key', with: { accessKey: trade.accessKey, ipWhiteList: '203.0.113.7' } });

    const { status, bad } = await examined(url);

    assert.deepEqual({ status, bad }, { status: 1, bad: ['wrong address'] });
  });

  test('a region that is turned away stops at once: nothing behind it means anything', async (t) => {
    const { exchange, url } = await openExchange(t);
    exchange.apply({ do: 'fault', with: { kind: 'html', status: 403, match: {} } });

    const { status, bad, verdicts } = await examined(url);

    assert.deepEqual({ status, bad, all: verdicts.length }, { status: 1, bad: ['wrong region'], all: 1 });
    assert.equal(exchange.journal().length, 1);
  });

  test('each missing right is named', async (t) => {
    const { exchange, url } = await openExchange(t);
    exchange.apply({
      do: 'key',
      with: { accessKey: trade.accessKey, permissions: ['SPOT_ACCOUNT_READ', 'SPOT_DEAL_READ'] },
    });

    const { status, bad, of } = await examined(url);

    assert.deepEqual({ status, bad }, { status: 1, bad: ['wrong right_missing'] });
    assert.deepEqual(of('right_missing')?.data?.missing, ['SPOT_DEAL_WRITE']);

    exchange.apply({ do: 'key', with: { accessKey: read.accessKey, permissions: ['SPOT_DEAL_READ'] } });
    assert.deepEqual((await examined(url)).bad, ['wrong right_missing', 'wrong right_missing']);
  });

  test('a right to withdraw is warned of, a right to read withdrawals is not', async (t) => {
    const { exchange, url } = await openExchange(t);
    const info = (permissions: string) =>
      exchange.apply({
        do: 'fault',
        with: {
          kind: 'answer',
          status: 200,
          headers: { 'content-type': 'application/json' },
          match: { path: '/api/v3/apiKeyInfo', nth: 1 },
          body: { permissions, remainingValidity: -999, ipWhiteList: '', status: 'VALID', createTime: 0 },
        },
      });
    info(`${RIGHTS},SPOT_WITHDRAW_WRITE`);

    const { status, bad, of } = await examined(url);

    assert.deepEqual({ status, bad }, { status: 0, bad: ['warn withdraw_right'] });
    assert.match(of('withdraw_right')?.advice ?? '', /Never give/);

    exchange.apply({ do: 'faultsCleared', with: {} });
    info(`${RIGHTS},SPOT_WITHDRAW_READ`);
    assert.deepEqual((await examined(url)).bad, []);
  });

  test('a key near its end is counted in days', async (t) => {
    const { exchange, url } = await openExchange(t);
    const ends = (days: number) =>
      exchange.apply({
        do: 'key',
        with: { accessKey: trade.accessKey, expiresAt: Date.now() + days * DAY - 60_000 },
      });
    ends(12);
    const soon = await examined(url);
    ends(4);
    const now = await examined(url);
    ends(-1);
    const over = await examined(url);

    assert.deepEqual([soon.status, soon.bad], [0, ['warn key_expiring']]);
    assert.match(soon.of('key_expiring')?.message ?? '', /in 12 days/);
    assert.deepEqual([now.status, now.bad], [1, ['wrong key_expiring']]);
    assert.deepEqual([over.status, over.bad], [1, ['wrong key_expired']]);
  });

  test('nobody there, and silence asked for, are not faults of the keys', async (t) => {
    const { exchange, url } = await openExchange(t);
    exchange.apply({ do: 'fault', with: { kind: 'limit', match: {}, retryAfter: 60 } });
    const busy = await examined(url);
    const nobody = await examined('http://127.0.0.1:9');

    assert.deepEqual([busy.status, busy.bad], [1, ['wrong rate_limited']]);
    assert.deepEqual([nobody.status, nobody.bad], [3, ['unreachable unreachable']]);
  });

  test('without keys it says so, and still measures the way to the exchange', async (t) => {
    const { url } = await openExchange(t);

    const { status, bad, of } = await examined(url, [], {});

    assert.deepEqual({ status, bad }, { status: 1, bad: ['wrong key_missing', 'warn key_missing'] });
    assert.ok(of('round_trip'));
  });

  test('takes the keys of a stack from its secrets', async (t) => {
    const { url } = await openExchange(t);
    const secrets = await serveSecrets();
    t.after(secrets.close);
    secrets.create({ name: 'TradeKey', value: JSON.stringify(trade) });
    secrets.create({ name: 'ReadKey' });

    const { status, bad } = await examined(url, ['--endpoint', secrets.url], {});

    assert.deepEqual({ status, bad }, { status: 0, bad: ['warn key_missing'] });
  });

  test('asks a deployed stack for its health', async (t) => {
    const { url } = await openExchange(t);
    let answer = 200;
    const stack = createServer((_request, response) => {
      response.writeHead(answer, { 'content-type': 'application/json' }).end('{"status":"ok"}');
    }).listen(0, '127.0.0.1');
    t.after(() => stack.close());
    await new Promise((resolve) => stack.once('listening', resolve));
    const address = stack.address();
    assert.ok(address && typeof address === 'object');
    const api = `http://127.0.0.1:${address.port}`;

    assert.match((await examined(url, ['--url', api])).of('stack')?.message ?? '', /answers: ok/);
    answer = 503;
    assert.deepEqual((await examined(url, ['--url', api])).bad, ['wrong stack']);
    assert.equal((await examined(url, ['--url', 'http://127.0.0.1:9'])).status, 3);
  });

  test('wrong arguments are exit code 2, help is 0', async () => {
    for (const args of [
      ['--side', 'long'],
      ['--nonsense'],
      ['--quote', '1,000'],
      ['--quote', '1', '--quantity', '1'],
      ['--price', '1'],
      ['--exchange', 'mexc'],
    ]) {
      const { status, err } = await run(doctor, args, {});
      assert.equal(status, 2, args.join(' '));
      assert.notEqual(err, '');
    }
    const help = await run(doctor, ['--help']);
    assert.equal(help.status, 0);
    assert.match(help.out, /Exit codes: 0 fine, 1 something is wrong .*, 2 wrong usage, 3 no answer/);
  });
});
