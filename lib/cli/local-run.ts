import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import type { Io } from './io.ts';

/** What `npm start` tells other programs of this machine, in `running.json` of its data directory. */
const Running = z.object({
  /** Where the HTTP API is. */
  url: z.url(),
  /** The exchange's REST API. */
  exchange: z.url(),
  /** Secrets Manager. */
  secrets: z.url(),
});
export type LocalRun = z.infer<typeof Running>;

const PATIENCE = 2_000;

/** The local run at DATA_DIR and PORT, if there is one that answers. */
export const findLocalRun = async ({
  environment,
}: Pick<Io, 'environment'>): Promise<LocalRun | undefined> => {
  const found = Running.safeParse(readIfThere(join(environment.DATA_DIR || '.local', 'running.json')));
  if (!found.success) return undefined;
  const { url } = found.data;
  const port = environment.PORT;
  if (port && port !== '0' && new URL(url).port !== port) return undefined;
  try {
    // A file that a killed run has left names an address that nobody answers at.
    await fetch(`${url}/health`, { signal: AbortSignal.timeout(PATIENCE) });
    return found.data;
  } catch {
    return undefined;
  }
};

const readIfThere = (path: string): unknown => {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
};
