import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import * as z from 'zod';
import { doctor } from '../../lib/cli/doctor.ts';
import { SIMULATOR_KEYS } from '../../lib/simulator/accounts.ts';
import { createExchange, type Exchange, systemClock } from '../../lib/simulator/exchange.ts';
import { listen } from '../../lib/simulator/server.ts';
import { run } from './command-line.ts';

const { trade, read } = SIMULATOR_KEYS;
/** The simulator's keys, as the environment holds them. */
export const KEYS = {
  MEXC_TRADE_ACCESS_KEY: trade.accessKey,
  MEXC_TRADE_SECRET_KEY: trade.secretKey,
  MEXC_READ_ACCESS_KEY: read.accessKey,
  MEXC_READ_SECRET_KEY: read.secretKey,
};

const Verdicts = z.object({
  exitCode: z.int(),
  verdicts: z.array(
    z.object({
      verdict: z.string(),
      level: z.string(),
      about: z.string().optional(),
      message: z.string(),
      advice: z.string().optional(),
      data: z.record(z.string(), z.unknown()).optional(),
    }),
  ),
});

/** An exchange on a port of its own. */
export const openExchange = async (t: TestContext): Promise<{ exchange: Exchange; url: string }> => {
  const exchange = createExchange({ seed: 'doctor', clock: systemClock });
  const { url, close } = await listen(exchange);
  t.after(close);
  return { exchange, url };
};

/** Runs it twice, as text and as JSON, and looks for the keys, their pieces and signatures in everything that was said. */
export const examined = async (
  url: string,
  args: readonly string[] = [],
  env: Record<string, string> = KEYS,
) => {
  const asked = ['--exchange', url, '--symbol', 'SOLUSDT', ...args];
  const { status, out, err, json } = await run(doctor, [...asked, '--json'], env);
  const said = `${out}${err}`;
  for (const secret of Object.values(env)) {
    for (let from = 0; from + 8 <= secret.length; from += 1)
      assert.ok(!said.includes(secret.slice(from, from + 8)), 'a piece of a key was printed');
  }
  assert.doesNotMatch(said, /signature=|[0-9a-f]{64}/i);
  const { exitCode, verdicts } = Verdicts.parse(json());
  assert.equal(exitCode, status);
  const bad = verdicts.filter(({ level }) => level !== 'ok');
  return {
    status,
    verdicts,
    bad: bad.map(({ verdict, level }) => `${level} ${verdict}`),
    of: (name: string) => verdicts.find(({ verdict }) => verdict === name),
  };
};
