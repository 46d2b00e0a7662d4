import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import * as z from 'zod';
import type { EventModel } from './event-model.ts';
import type { LambdaService } from './lambda-service.ts';
import { createQueue, type LocalQueue, type QueueState } from './queue.ts';
import { followQueue } from './queue-mapping.ts';
import { followStream, type Positions } from './stream-mapping.ts';

const SAVE_MILLISECONDS = 2_000;
/** How long a stop waits for events that are being worked on. */
const GRACE_MILLISECONDS = 4_000;

const Kept = z.object({
  positions: z.record(
    z.string(),
    z.custom<Positions>((value) => typeof value === 'object'),
  ),
  queues: z.record(
    z.string(),
    z.custom<QueueState>((value) => typeof value === 'object'),
  ),
});
type Kept = z.infer<typeof Kept>;

export interface EventSources {
  readonly queues: readonly LocalQueue[];
  /** Begins to give events to functions. */
  start(options: EventSourcesOptions): void;
  /** Stops, and keeps what was not done. */
  stop(): Promise<void>;
}

interface EventSourcesOptions {
  readonly endpoint: string;
  readonly lambda: Pick<LambdaService, 'invoke'>;
  readonly onLine: (part: string, line: string) => void;
}

/**
 * Queues, and the mappings that give messages and writes to functions. Messages and the places in the streams are kept together
 * in one file of the data directory: whatever of it is lost in a crash is told again from the streams.
 */
export const openEventSources = (model: EventModel, dataDir: string): EventSources => {
  const { streamMappings, queueMappings } = model;
  if (model.queues.length + streamMappings.length === 0)
    return { queues: [], start: () => {}, stop: async () => {} };
  const path = join(dataDir, 'events.json');
  const kept = readKept(path);
  const queues = new Map<string, LocalQueue>();
  for (const queue of model.queues) {
    const { redrive } = queue;
    const deadLetters = redrive && (() => byArn(queues, redrive.arn));
    queues.set(queue.name, createQueue(queue, kept.queues[queue.name], deadLetters));
  }
  const positions = Object.fromEntries(
    streamMappings.map(({ name }): [string, Positions] => [name, kept.positions[name] ?? {}]),
  );

  const textOfAll = (): string =>
    JSON.stringify({
      positions,
      queues: Object.fromEntries([...queues].map(([name, { state }]) => [name, state])),
    } satisfies Kept);
  let saved = textOfAll();
  const save = (): void => {
    const text = textOfAll();
    if (text === saved) return;
    writeFileSync(`${path}.new`, text, { mode: 0o600 });
    renameSync(`${path}.new`, path);
    saved = text;
  };
  const stopping = new AbortController();
  const { signal } = stopping;
  const running: Promise<void>[] = [];
  let timer: NodeJS.Timeout | undefined;

  return {
    queues: [...queues.values()],
    start: ({ endpoint, lambda, onLine }) => {
      timer = setInterval(save, SAVE_MILLISECONDS).unref();
      for (const mapping of streamMappings) {
        const place = positions[mapping.name] ?? {};
        const say = (line: string): void =>
          onLine(mapping.functionName, JSON.stringify({ level: 'WARN', message: `platform: ${line}` }));
        running.push(followStream(mapping, { endpoint, positions: place, lambda, onLine: say, signal }));
      }
      for (const mapping of queueMappings) {
        const queue = queues.get(mapping.queue);
        if (!queue) continue;
        const failed = (error: unknown): void =>
          onLine(mapping.functionName, JSON.stringify({ level: 'ERROR', message: `platform: ${error}` }));
        running.push(followQueue(mapping, queue, lambda, signal).catch(failed));
      }
    },
    stop: async () => {
      stopping.abort();
      clearInterval(timer);
      await Promise.race([Promise.allSettled(running), wait(GRACE_MILLISECONDS, undefined, { ref: false })]);
      save();
    },
  };
};

const byArn = (queues: ReadonlyMap<string, LocalQueue>, arn: string): LocalQueue => {
  const found = [...queues.values()].find(({ model }) => model.arn === arn);
  if (!found) throw new Error(`no queue ${arn}`);
  return found;
};

/** Without a file, or with one that cannot be read, the streams are told from their beginning. */
const readKept = (path: string): Kept => {
  try {
    return Kept.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return { positions: {}, queues: {} };
  }
};
