import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { keepTokens, lockDataDir } from '../../infra/local/data-dir.ts';
import { readSettings } from '../../infra/local/settings.ts';
import { StartError } from '../../infra/local/start-error.ts';
import { removeFolder, temporaryFolder } from '../support/local-folders.ts';

test('nothing has to be set', () => {
  const settings = readSettings({ PATH: '/bin', PORT: '' });

  assert.equal(settings.port, 3000);
  assert.equal(settings.restUrl, undefined);
  assert.deepEqual(settings.webhookTokens, { demo: 'demo-token' });
  assert.equal(settings.dataDir, resolve('.local'));
});

test('a wrong setting is named in a sentence that repeats no secret', () => {
  const cases: [NodeJS.ProcessEnv, RegExp][] = [
    [{ PORT: '70000' }, /^PORT must be a port number/],
    [{ PORT: 'http' }, /^PORT must be a port number/],
    [{ MEXC_REST_URL: 'api.mexc.com' }, /^MEXC_REST_URL must be an http or https address/],
    [{ MEXC_WS_URL: 'https://x.test' }, /^MEXC_WS_URL must be a ws or wss address/],
    [{ WEBHOOK_TOKENS: '{demo:hush}' }, /^WEBHOOK_TOKENS must be JSON/],
    [{ WEBHOOK_TOKENS: '{"demo":["hush",5]}' }, /^WEBHOOK_TOKENS\.demo must be a token or a list/],
    [{ WEBHOOK_TOKENS: '{}' }, /^WEBHOOK_TOKENS must name at least one strategy/],
    [{ CONFIG: '/nowhere/config.json' }, /^CONFIG names a file that does not exist/],
    [{ MEXC_TRADE_ACCESS_KEY: 'hush' }, /^MEXC_TRADE_SECRET_KEY is missing/],
    [{ MEXC_READ_SECRET_KEY: 'hush' }, /^MEXC_READ_ACCESS_KEY is missing/],
  ];

  for (const [variables, sentence] of cases) {
    assert.throws(
      () => readSettings(variables),
      (error) => {
        assert.ok(error instanceof StartError);
        assert.match(error.message, sentence);
        assert.doesNotMatch(error.message, /hush/);
        return true;
      },
    );
  }
});

test('tokens that were made survive a restart, readable by their owner only; set ones come first', (t) => {
  const folder = temporaryFolder();
  t.after(() => removeFolder(folder));

  const made = keepTokens(folder, { readToken: undefined, adminToken: undefined });
  assert.match(made.readToken, /^[\w-]{32}$/);
  assert.notEqual(made.readToken, made.adminToken);
  assert.deepEqual(keepTokens(folder, { readToken: undefined, adminToken: undefined }), made);
  assert.deepEqual(keepTokens(folder, { readToken: 'given', adminToken: undefined }), {
    ...made,
    readToken: 'given',
  });
  assert.equal(statSync(join(folder, 'tokens.json')).mode & 0o777, 0o600);
});

test('a data directory serves one process at a time, and a dead one does not hold it', async (t) => {
  const folder = temporaryFolder();
  t.after(() => removeFolder(folder));
  const lockModule = new URL('../../infra/local/data-dir.ts', import.meta.url).href;
  const script = `import { lockDataDir } from '${lockModule}'; lockDataDir(process.argv[1]); console.log('locked'); process.stdin.resume();`;
  const other = spawn(process.execPath, ['--input-type=module', '--eval', script, folder], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await new Promise((locked) => other.stdout.once('data', locked));

  assert.throws(() => lockDataDir(folder), new RegExp(`in use by process ${other.pid}`));
  const gone = new Promise((resolveGone) => other.once('exit', resolveGone));
  other.kill('SIGKILL');
  await gone;
  lockDataDir(folder)();
});
