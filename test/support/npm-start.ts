import assert from 'node:assert/strict';
import { createExchange, type Exchange, systemClock } from '../../lib/simulator/exchange.ts';
import { listen } from '../../lib/simulator/server.ts';
import { removeFolder, temporaryFolder } from './local-folders.ts';
import { descendants, type Started, start, survivors } from './local-processes.ts';

const READ_TOKEN = 'read-token-of-the-test';

/** `npm start` in processes of its own, beside an exchange that outlives them. */
export interface KillableStack {
  readonly exchange: Exchange;
  readonly readToken: string;
  /** Address of the start that runs now. */
  readonly url: string;
  /** Ends every process of the start with SIGKILL. */
  killEverything(): Promise<void>;
  /** Starts again on the same data. */
  boot(): Promise<void>;
  /** Invokes reconcile-orders and waits for its report. */
  reconcile(): Promise<unknown>;
  stop(): Promise<void>;
}

/** @param seed of the exchange */
export const startKillable = async (seed: string): Promise<KillableStack> => {
  const dataDir = temporaryFolder();
  const exchange = createExchange({ seed, clock: systemClock });
  const server = await listen(exchange);
  let running: Started;
  let url = '';

  const boot = async (): Promise<void> => {
    running = start('infra/local/main.ts', ['--no-sample'], {
      PORT: '0',
      DATA_DIR: dataDir,
      READ_TOKEN,
      MEXC_REST_URL: server.url,
    });
    [, url = ''] = await running.seen(/^ready (http:\/\/\S+)$/m);
  };
  await boot();
  return {
    exchange,
    readToken: READ_TOKEN,
    get url() {
      return url;
    },
    boot,
    killEverything: async () => {
      const pids = [running.child.pid ?? 0, ...descendants(running.child.pid ?? 0)];
      for (const pid of pids) process.kill(pid, 'SIGKILL');
      await running.ended;
      assert.deepEqual(await survivors(pids, 5_000), []);
    },
    reconcile: async () => {
      const path = '/2015-03-31/functions/reconcile-orders/invocations';
      const response = await fetch(`${url}${path}`, { method: 'POST', body: '{}' });
      assert.equal(response.status, 200);
      return response.json();
    },
    stop: async () => {
      running.child.kill('SIGTERM');
      await running.ended;
      await server.close();
      removeFolder(dataDir);
    },
  };
};
