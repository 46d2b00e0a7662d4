import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NotConfiguredError } from '../../../lib/domain/errors.ts';
import type { KeyInfo } from '../../../lib/domain/exchange.ts';
import { CredentialsError, TransientError } from '../../../lib/domain/exchange-errors.ts';
import { createKeyCheck } from '../../../lib/usecases/check-key.ts';
import { NOW } from '../../support/builders.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** An exchange that gives these answers in turn, and notes that outlive processes. */
const world = (...answers: (KeyInfo['remainingDays'] | Error)[]) => {
  const notes = new Map<string, string>();
  const lines: string[] = [];
  const log = (level: string) => (message: string, fields?: object) =>
    void lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  let now = NOW;
  let asked = 0;
  const process = () => {
    const check = createKeyCheck({
      key: 'trade',
      account: {
        keyInfo: async () => {
          asked += 1;
          const answer = answers.shift() ?? assert.fail('asked too often');
          if (answer instanceof Error) throw answer;
          return { permissions: [], remainingDays: answer, addresses: [], status: 'VALID' };
        },
      },
      notes: {
        read: async (name) => notes.get(name),
        write: async (name, text) => void notes.set(name, text),
      },
      clock: { now: () => now },
      log: { info: log('info'), warn: log('warn'), error: log('error') },
    });
    return () => check({ deadline: now + 10_000 });
  };
  return {
    process,
    lines,
    asked: () => asked,
    pass: (ms: number) => {
      now += ms;
    },
  };
};

test('The key is asked for once a day, however many processes look', async () => {
  const { process, pass, asked } = world(60, 59);
  const one = process();

  assert.equal(await one(), 60);
  assert.deepEqual([await one(), await process()(), await process()()], [undefined, undefined, undefined]);
  pass(DAY);
  assert.equal(await process()(), 59);
  assert.equal(await one(), undefined);
  assert.equal(asked(), 2);
});

test('Two weeks before the end the log says where the button is, and that a bound key never expires', async () => {
  const { process, lines } = world(14);

  await process()();

  assert.match(
    lines.join('\n'),
    /^warn .*five days before; one bound to an address never expires .*"days":14/,
  );
});

test('A key that never expires is far from its end, and is no news', async () => {
  const { process, lines } = world('unlimited');

  assert.equal(await process()(), 999);
  assert.match(lines.join('\n'), /^info [^\n]*$/);
});

test('A key that the exchange refuses has no days left, and is asked for again within the hour', async () => {
  const refused = new CredentialsError('700006', 'IP not in the list');
  const { process, pass, lines } = world(refused, 90);
  const check = process();

  assert.equal(await check(), 0);
  assert.equal(await check(), undefined);
  assert.match(lines.join('\n'), /^error the exchange refuses the key .*700006/);
  pass(HOUR);
  assert.equal(await check(), 90);
});

test('An exchange that does not answer says nothing of the key, and is asked again an hour later', async () => {
  const { process, pass, lines } = world(new TransientError('timeout', 'no answer'), 60);
  const check = process();

  assert.equal(await check(), undefined);
  pass(HOUR - 1);
  assert.equal(await check(), undefined);
  pass(1);
  assert.equal(await check(), 60);
  assert.match(lines[0] ?? '', /^warn the key could not be looked at/);
});

test('Before a key is set there is nothing to say; once it is, it is looked at', async () => {
  const { process, lines } = world(new NotConfiguredError('not set yet'), 60);
  const check = process();

  assert.equal(await check(), undefined);
  assert.deepEqual(lines, []);
  assert.equal(await check(), 60);
});
