import assert from 'node:assert/strict';
import { createExchange, type Exchange, systemClock } from '../../lib/simulator/exchange.ts';
import { listen } from '../../lib/simulator/server.ts';
import { removeFolder, temporaryFolder } from './local-folders.ts';
import { descendants, type Started, start, survivors } from './local-processes.ts';

const READ_TOKEN = 'read-token-of-the-test';

/** One `npm start` in processes of its own. */
export interface StartedStack {
  readonly started: Started;
  readonly url: string;
  readonly readToken: string;
  /** Invokes reconcile-orders and waits for its report. */
  reconcile(): Promise<unknown>;
  stop(): Promise<void>;
}

/** @param env settings of the start beside its port, which is a free one */
export const startStack = async (env: Record<string, string>): Promise<StartedStack> => {
  const started = start('infra/local/main.ts', ['--no-sample'], { PORT: '0', READ_TOKEN, ...env });
  const [, url = ''] = await started.seen(/^ready (http:\/\/\S+)$/m);
  return {
    started,
    url,
    readToken: READ_TOKEN,
    reconcile: async () => {
      const path = '/2015-03-31/functions/reconcile-orders/invocations';
      const response = await fetch(`${url}${path}`, { method: 'POST', body: '{}' });
      assert.equal(response.status, 200);
      return response.json();
    },
    stop: async () => {
      started.child.kill('SIGTERM');
      await started.ended;
    },
  };
};

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
  let running: StartedStack;
  const boot = async (): Promise<void> => {
    running = await startStack({ DATA_DIR: dataDir, MEXC_REST_URL: server.url });
  };
  await boot();
  return {
    exchange,
    readToken: READ_TOKEN,
    get url() {
      return running.url;
    },
    boot,
    killEverything: async () => {
      const { child, ended } = running.started;
      const pids = [child.pid ?? 0, ...descendants(child.pid ?? 0)];
      for (const pid of pids) process.kill(pid, 'SIGKILL');
      await ended;
      assert.deepEqual(await survivors(pids, 5_000), []);
    },
    reconcile: () => running.reconcile(),
    stop: async () => {
      await running.stop();
      await server.close();
      removeFolder(dataDir);
    },
  };
};
