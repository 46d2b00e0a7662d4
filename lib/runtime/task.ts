import { createServer } from 'node:http';
import type { Log } from '../domain/ports.ts';
import { createLogger, logTo } from './observability.ts';

/** What a task of a container is: it works until it ends by itself, or is asked to. */
export interface Task {
  /** Whether it does what it is for; the container's check asks for it. */
  readonly health: () => { readonly good: boolean };
  /** Resolves when it has ended, with the reason if that was not asked for: then the process ends non-zero. */
  readonly done: Promise<string | undefined>;
  /** Ends it in good order, and gives back what it holds. Called once. */
  close(): Promise<void>;
}

export interface TaskOptions {
  /** Name of the deployable, as it stands on every log line. */
  readonly name: string;
  readonly healthPort: () => number;
  /** Builds the adapters and starts; the only place that reads the environment. */
  readonly start: (log: Log) => Task;
}

/** What ECS allows between SIGTERM and SIGKILL is 30 s; what has not ended by then ends itself, ms. */
const DRAIN_MILLISECONDS = 20_000;

/**
 * Runs a task until it ends: answers `GET /health` with its health alone, drains on SIGTERM, and ends the process.
 */
export const runTask = async ({ name, healthPort, start }: TaskOptions): Promise<void> => {
  const log = logTo(createLogger(name));
  const task = start(log);
  let closing: Promise<void> | undefined;
  const stop = (): Promise<void> => {
    closing ??= task.close();
    return closing;
  };
  const drain = (): void => {
    setTimeout(() => process.exit(1), DRAIN_MILLISECONDS).unref();
    void stop();
  };
  const server = createServer((request, response) => {
    const known = request.url === '/health';
    const { good } = task.health();
    response.writeHead(known ? (good ? 200 : 503) : 404, { 'content-type': 'application/json' });
    response.end(JSON.stringify(known ? { good } : {}));
  });
  server.on('error', (error) => {
    log.error('health cannot be asked for', { error: error.message });
    process.exitCode = 1;
    void stop();
  });
  server.listen(healthPort());

  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, drain);

  const reason = await task.done;
  await stop();
  server.close();
  server.closeAllConnections();
  if (reason !== undefined) {
    log.error('the task ends', { reason });
    process.exitCode = 1;
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.removeListener(signal, drain);
};
