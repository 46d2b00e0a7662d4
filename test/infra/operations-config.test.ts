import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readConfig } from '../../infra/config.ts';

const reads = (context: object) => () => readConfig({ context });

test('a budget is an amount above nothing', () => {
  assert.equal(readConfig({ context: { budget: { monthlyUsd: 20 } } }).budget?.monthlyUsd, 20);
  for (const monthlyUsd of [-5, 0, '20'])
    assert.throws(reads({ budget: { monthlyUsd } }), /budget\.monthlyUsd: must be/);
});

test('e-mail as a channel needs an address, and a messenger takes none', () => {
  const channel = (letters: object) => reads({ notifications: { channels: { letters } } });

  assert.doesNotThrow(channel({ kind: 'email', address: 'me@example.com' }));
  assert.throws(channel({ kind: 'email' }), /channels\.letters\.address: must be an e-mail address/);
  assert.throws(channel({ kind: 'email', address: 'me' }), /channels\.letters\.address: must be/);
  assert.throws(channel({ kind: 'slack', address: 'me@example.com' }), /letters.*address/);
});

test('alerts are expected every two minutes at most, or not at all', () => {
  const every = (expectAlertEvery: unknown) => reads({ strategies: { trend: { expectAlertEvery } } });

  assert.doesNotThrow(every(2));
  for (const wrong of [1, 0, -1, 1.5, '60'])
    assert.throws(every(wrong), /strategies\.trend\.expectAlertEvery: /);
});
