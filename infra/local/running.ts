import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LocalStack } from './start-stack.ts';

type Told = Pick<LocalStack, 'url' | 'secretsUrl'> & { readonly exchange: { readonly restUrl: string } };

/**
 * Tells other programs of this machine where this run is, in `running.json` of its data directory: `npm run doctor` and
 * `npm run keys` then find it by themselves. The answer takes it back.
 */
export const tellOthers = (dataDir: string, { url, secretsUrl, exchange }: Told): (() => void) => {
  const path = join(dataDir, 'running.json');
  const told = { url, exchange: exchange.restUrl, secrets: secretsUrl };
  writeFileSync(path, `${JSON.stringify(told)}\n`, { mode: 0o600 });
  return () => rmSync(path, { force: true });
};
