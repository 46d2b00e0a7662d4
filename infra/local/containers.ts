import { fileURLToPath } from 'node:url';
import type { ContainerModel } from './container-model.ts';
import { freePort } from './ports.ts';
import { type Owned, own } from './processes.ts';

const GUARD = fileURLToPath(new URL('stdin-guard.cjs', import.meta.url));
/** What ended is started again, ever later, ms. */
const FIRST_PAUSE = 1_000;
const LONGEST_PAUSE = 60_000;
/** Longer than a container may take to end in good order, ms. */
const GRACE_MILLISECONDS = 8_000;

export interface ContainerOptions {
  /** Everything a container sees beside the template's own variables. */
  readonly environment: Readonly<Record<string, string>>;
  /** Replace variables that the template sets. */
  readonly overrides: Readonly<Record<string, string>>;
  readonly onLine: (container: string, line: string) => void;
}

export interface Containers {
  /** Where `/health` of each is served. */
  readonly health: ReadonlyMap<string, string>;
  /** Asks all to end, and waits until they have. */
  stop(): Promise<void>;
}

/**
 * Runs the command of each container as a child process and starts it again when it ends, as the service does. Each gets a port
 * of its own for its health: here all share one machine.
 */
export const startContainers = async (
  models: readonly ContainerModel[],
  { environment, overrides, onLine }: ContainerOptions,
): Promise<Containers> => {
  const running = new Set<Owned>();
  const timers = new Set<NodeJS.Timeout>();
  const health = new Map<string, string>();
  let stopping = false;

  const run = (model: ContainerModel, port: number, pause: number): void => {
    const [program = '', ...args] = model.command;
    const variables = Object.entries(model.environment).map(([name, value]) => [
      name,
      overrides[name] ?? value,
    ]);
    const begun = Date.now();
    const child = own(process.execPath, [GUARD, program === 'node' ? process.execPath : program, ...args], {
      cwd: model.folder,
      env: { ...environment, ...Object.fromEntries(variables), HEALTH_PORT: String(port) },
      onLine: (line) => onLine(model.name, line),
    });
    running.add(child);
    void child.gone.then((how) => {
      running.delete(child);
      if (stopping) return;
      onLine(model.name, JSON.stringify({ level: 'WARN', message: `platform: the container ended: ${how}` }));
      const next = Date.now() - begun > LONGEST_PAUSE ? FIRST_PAUSE : pause;
      const timer = setTimeout(() => {
        timers.delete(timer);
        run(model, port, Math.min(next * 2, LONGEST_PAUSE));
      }, next);
      timers.add(timer);
    });
  };

  for (const model of models) {
    for (let n = 0; n < model.count; n += 1) {
      const port = await freePort();
      health.set(model.name, `http://127.0.0.1:${port}/health`);
      run(model, port, FIRST_PAUSE);
    }
  }
  return {
    health,
    stop: async () => {
      stopping = true;
      for (const timer of timers) clearTimeout(timer);
      await Promise.all([...running].map((child) => child.stop(GRACE_MILLISECONDS)));
    },
  };
};
