import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Answering, serve } from '../../support/answering.ts';
import { runMexc } from '../../support/cli.ts';

const TOKENS = {
  MEXC_READ_TOKEN: 'secret-read-token',
  MEXC_ADMIN_TOKEN: 'secret-admin-token',
  MEXC_WEBHOOK_TOKEN: 'secret-webhook-token',
};

/** A right and a wrong way to call each command that talks to a stack. */
const COMMANDS: Readonly<Record<string, { right: readonly string[]; wrong: readonly string[] }>> = {
  status: { right: ['status'], wrong: ['status', 'extra'] },
  positions: { right: ['positions'], wrong: ['positions', 'sell'] },
  'positions adopt': {
    right: ['positions', 'adopt', 'demo', 'SOLUSDT', '1', '--reason', 'mine', '--yes'],
    wrong: ['positions', 'adopt', 'demo', '--reason', 'mine'],
  },
  balances: { right: ['balances'], wrong: ['balances', '--since', '2026'] },
  profit: { right: ['profit'], wrong: ['profit', '--by', 'week'] },
  orders: { right: ['orders'], wrong: ['orders', '--state', 'done-for'] },
  order: { right: ['order', 'mabc'], wrong: ['order'] },
  why: { right: ['why', 'x-1', '--strategy', 'demo'], wrong: ['why'] },
  tail: { right: ['tail'], wrong: ['tail', '--every', '0'] },
  send: {
    right: ['send', '--strategy', 'demo', '--symbol', 'SOLUSDT', '--quantity', '1'],
    wrong: ['send', '--strategy', 'demo'],
  },
  export: {
    right: ['export', 'fills', '--from', '2026-01-01'],
    wrong: ['export', 'coins', '--from', '2026-01-01'],
  },
  halt: { right: ['halt', '--reason', 'x', '--yes'], wrong: ['halt', '--yes'] },
  resume: { right: ['resume', '--reason', 'x', '--yes'], wrong: ['resume', '--reason'] },
  'reduce-only': {
    right: ['reduce-only', '--reason', 'x', '--yes'],
    wrong: ['reduce-only', '--cancel-all', '--reason', 'x'],
  },
  flatten: { right: ['flatten', '--reason', 'x', '--yes'], wrong: ['flatten', 'all', '--reason', 'x'] },
};

const holdsSecret = (text: string): boolean => /secret-\w+-token/.test(text);
const holdsStack = (text: string): boolean => /\n\s+at |node:internal|\.ts:\d/.test(text);

describe('every command of the command line', () => {
  test('has a help with an example and the exit codes, and ends with 0', async () => {
    for (const name of [...Object.keys(COMMANDS), '']) {
      const { status, out, err } = await runMexc([...name.split(' ').filter(Boolean), '--help']);
      assert.deepEqual([status, err], [0, ''], name);
      assert.match(out, /Exit codes: 0 done, 1 .*, 2 .*, 3 .*, 4 /, name);
      assert.match(out, name === '' ? /--url/ : new RegExp(`npm run mexc -- ${name}`), name);
    }
  });

  test('takes a wrong argument for wrong usage, and asks nobody', async () => {
    for (const [name, { wrong }] of Object.entries(COMMANDS)) {
      const { status, out, err } = await runMexc(wrong, { environment: { MEXC_URL: 'http://127.0.0.1:9' } });
      assert.equal(status, 2, name);
      assert.equal(out, '', name);
      assert.match(err, /error: .*\nSee npm run mexc -- --help\./s, name);
      assert.ok(!holdsStack(err), err);
    }
  });

  describe('without an answer', () => {
    let url: string;
    before(async () => {
      const server = await serve(() => undefined);
      url = server.url;
      await server.close();
    });

    test('ends with 3 and says where nobody answers, as text and as JSON', async () => {
      for (const [name, { right }] of Object.entries(COMMANDS)) {
        const environment = { ...TOKENS, MEXC_URL: url };
        const text = await runMexc(right, { environment });
        assert.equal(text.status, 3, name);
        assert.match(text.err, /^Nothing answers at http:\/\/127\.0\.0\.1:\d+ \(ECONNREFUSED\)\./m, name);
        const { status, json } = await runMexc([...right, '--json'], { environment });
        assert.deepEqual([status, json[0].error.code], [3, 'unreachable'], name);
        assert.ok(!holdsSecret(text.out + text.err) && !holdsStack(text.err), name);
      }
    });

    test('of a stack that should run here, ends with 3 before it asks for a token', async () => {
      const environment = { PORT: new URL(url).port, DATA_DIR: '/nowhere' };
      const { status, err, asked } = await runMexc(['status'], { environment });
      assert.deepEqual([status, asked], [3, []]);
      assert.match(err, /is npm start running\?/);
    });
  });

  describe('without permission', () => {
    let server: Answering;
    before(async () => {
      server = await serve((_request, response) => {
        response.writeHead(401, { 'content-type': 'application/json' });
        response.end('{"error":{"code":"unauthorized","message":"The token is missing or wrong."}}');
      });
    });
    after(() => server.close());

    test('ends with 4, and shows no token', async () => {
      for (const [name, { right }] of Object.entries(COMMANDS)) {
        const environment = { ...TOKENS, MEXC_URL: server.url };
        const text = await runMexc(right, { environment });
        assert.equal(text.status, 4, name);
        assert.match(text.err, /refuses the (read|admin|webhook) token/, name);
        const { status, out, json } = await runMexc([...right, '--json'], { environment });
        assert.deepEqual([status, json.at(-1).error.code], [4, 'forbidden'], name);
        assert.ok(!holdsSecret(text.out + text.err + out), name);
      }
    });

    test('asks for a token that is nowhere else, once; an empty one ends with 4', async () => {
      const environment = { MEXC_URL: server.url };
      const { status, asked, err } = await runMexc(['status'], { environment });
      assert.deepEqual([status, asked.length], [4, 1]);
      assert.match(err, /There is no read token: set MEXC_READ_TOKEN\./);
    });

    test('repeats nothing of a token that cannot be one', async () => {
      const environment = { MEXC_URL: server.url, MEXC_READ_TOKEN: 'secret-x-token\nhost: evil' };
      const { status, err } = await runMexc(['orders'], { environment });
      assert.equal(status, 4);
      assert.ok(!holdsSecret(err), err);
    });
  });

  test('says so when the address is that of something else', async () => {
    const server = await serve((_request, response) => response.end('<html>shop</html>'));
    try {
      const { status, err } = await runMexc(['orders', '--url', server.url], { environment: TOKENS });
      assert.equal(status, 1);
      assert.match(err, /is it the address of this stack\?/);
    } finally {
      await server.close();
    }
  });

  test('sends a token to nobody that the address was not written for', async () => {
    let heard: string | undefined;
    const other = await serve((request, response) => {
      heard = request.headers.authorization ?? 'nothing';
      response.end('{}');
    });
    const server = await serve((request, response) =>
      response.writeHead(302, { location: `${other.url}${request.url}` }).end(),
    );
    try {
      const { status } = await runMexc(['orders', '--url', server.url], { environment: TOKENS });
      assert.deepEqual([status, heard], [1, undefined]);
    } finally {
      await Promise.all([server.close(), other.close()]);
    }
  });

  test('refuses an address that a token must not go to', async () => {
    for (const url of [
      'http://abc.example.com',
      'abc.example.com',
      'https://user:word@abc.example.com',
      'https://abc.example.com/?token=x',
      'ftp://127.0.0.1',
    ]) {
      const { status, err } = await runMexc(['orders', '--url', url], { environment: TOKENS });
      assert.equal(status, 2, url);
      assert.match(err, /^--url must/, url);
    }
  });

  test('says what a refusal names, and keeps what could steer a terminal from it', async () => {
    const server = await serve((_request, response) => {
      response.writeHead(422, { 'content-type': 'application/json' });
      const details = [{ path: 'symbol', message: 'is \u001b[31mwrong\u202e' }];
      response.end(JSON.stringify({ error: { code: 'invalid', message: 'One problem.', details } }));
    });
    try {
      const environment = { ...TOKENS, MEXC_URL: `${server.url}/webhook` };
      const { status, err } = await runMexc(COMMANDS.send?.right ?? [], { environment });
      assert.equal(status, 1);
      assert.equal(err, 'One problem.\n  symbol: is \\u001b[31mwrong\\u202e');
    } finally {
      await server.close();
    }
  });

  test('changes nothing that was not confirmed', async () => {
    let requests = 0;
    const server = await serve((_request, response) => {
      requests += 1;
      response.end('{}');
    });
    try {
      const environment = { ...TOKENS, MEXC_URL: server.url };
      for (const args of [
        ['halt', '--reason', 'x'],
        ['flatten', '--reason', 'x', '--strategy', 'demo'],
        ['positions', 'adopt', 'demo', 'SOLUSDT', '1', '--reason', 'x'],
      ]) {
        const { status, err, asked } = await runMexc(args, { environment, typed: ['y'] });
        assert.deepEqual([status, asked.length, requests], [1, 1, 0]);
        assert.match(err, /Nothing was changed/);
      }
    } finally {
      await server.close();
    }
  });
});

test('programs of their own are reached by their names, with their help', async () => {
  for (const name of ['candles', 'doctor', 'keys']) {
    const { status, out } = await runMexc([name, '--help']);
    assert.equal(status, 0, name);
    assert.match(out, /Exit codes/, name);
  }
  const { status, err } = await runMexc(['candles', 'list', '--loud']);
  assert.equal(status, 2);
  assert.ok(!holdsStack(err), err);
});
