import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ConfigError, readConfig } from '../../infra/config.ts';
import { removeFolder, temporaryFolder } from '../support/local-folders.ts';

const problem = (context: unknown): string => {
  try {
    readConfig({ context });
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.message;
  }
  return assert.fail('the configuration was taken');
};

test('without any configuration the defaults hold', () => {
  const config = readConfig({ context: undefined });

  assert.deepEqual(config, {
    strategies: {},
    symbols: ['SOLUSDT', 'XRPUSDT'],
    candles: { depth: 1440, everyMinutes: 5, intervals: ['1m'] },
    snapshots: { everyMinutes: 15, quote: 'USDT', triggers: {} },
    notifications: { channels: {} },
    expected: { alertsPerMonth: 1_000 },
    console: true,
    mexcRestUrl: 'https://api.mexc.com',
    mexcWsUrl: 'wss://wbs-api.mexc.com/ws',
    stream: { enabled: false, spot: false, books: [] },
  });
});

test('a strategy gets the defaults for what it does not set', () => {
  const config = readConfig({ context: { strategies: { trend: { maxOrdersPerDay: 3 } } } });

  assert.equal(config.strategies.trend?.maxOrdersPerDay, 3);
  assert.equal(config.strategies.trend?.staleAfterSeconds, 60);
});

test('a wrong value stops with a sentence that names its path', () => {
  assert.match(
    problem({ strategies: { trend: { maxOrdersPerDay: -1 } } }),
    /strategies\.trend\.maxOrdersPerDay: /,
  );
  assert.match(
    problem({ strategies: { trend: { maxOrderNotional: '5,000' } } }),
    /strategies\.trend\.maxOrderNotional: must be a decimal amount/,
  );
  assert.match(problem({ allowedAddresses: ['127.0.0.0/8'] }), /allowedAddresses\.0: must be one IP address/);
  assert.match(
    problem({ strategies: { trend: { symbols: ['solusdt'] } } }),
    /strategies\.trend\.symbols\.0: must be spelt/,
  );
  assert.match(
    problem({ strategies: { trend: { stalAfterSeconds: 5 } } }),
    /strategies\.trend: .*stalAfterSeconds/,
  );
  assert.match(problem({ symbol: ['SOLUSDT'] }), /symbol/);
  assert.match(problem({ symbols: ['sol/usdt'] }), /symbols\.0: must be spelt as the exchange does/);
  assert.match(
    problem({ notifications: { email: 'me' } }),
    /notifications\.email: must be an e-mail address/,
  );
  assert.match(
    problem({ notifications: { channels: { phone: { kind: 'pager' } } } }),
    /notifications\.channels\.phone\.kind: /,
  );
  assert.match(
    problem({ notifications: { channels: { phone: { kind: 'slack', events: ['fill'] } } } }),
    /notifications\.channels\.phone\.events\.0: /,
  );
  assert.match(
    problem({ notifications: { channels: { 'My phone': { kind: 'slack' } } } }),
    /notifications\.channels\.My phone: /,
  );
  assert.match(
    problem({ stream: { books: ['SOLUSDT', 'MXUSDT'] } }),
    /stream\.books\.1: must be one of `symbols`/,
  );
  assert.match(problem({ stream: { books: ['XRPUSDT', 'XRPUSDT'] } }), /must name each symbol once/);
  assert.match(problem({ mexcRestUrl: 'http://api.mexc.com' }), /mexcRestUrl: /);
});

test('an amount may be given as a number or as text', () => {
  const { strategies } = readConfig({
    context: { strategies: { trend: { maxOrderNotional: 20.5, capital: '1000' } } },
  });

  assert.deepEqual([strategies.trend?.maxOrderNotional, strategies.trend?.capital], ['20.5', '1000']);
});

test('CONFIG names a file that is used instead of the context', (t) => {
  const folder = temporaryFolder();
  t.after(() => removeFolder(folder));
  const path = join(folder, 'config.json');
  writeFileSync(path, '{"symbols": ["BTCUSDC"]}');

  assert.deepEqual(readConfig({ path, context: { symbols: ['XRPUSDT'] } }).symbols, ['BTCUSDC']);

  writeFileSync(path, '{"symbols": [}');
  assert.throws(() => readConfig({ path, context: {} }), /CONFIG .*config\.json is not JSON/);
  assert.throws(
    () => readConfig({ path: join(folder, 'none.json'), context: {} }),
    /none\.json, which cannot be read/,
  );
});
