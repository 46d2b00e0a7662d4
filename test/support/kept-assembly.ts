import { createHash } from 'node:crypto';
import { cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { synthesize } from '../../infra/local/synth.ts';
import { temporaryFolder } from './local-folders.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** Everything that the template and its bundles are made of. */
const SOURCES = ['functions', 'infra', 'lib', 'cdk.json', 'package-lock.json'];

const PREFIX = 'mexc-assembly-';
/** What was kept for longer is of other sources by now, ms. */
const KEEP = 86_400_000;

const filesBelow = (path: string): string[] => {
  const entries = readdirSync(join(root, path), { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
};

const digestOf = (config: string | undefined): string => {
  const digest = createHash('sha256').update(process.version);
  for (const source of SOURCES) {
    const files = source.includes('.') ? [join(root, source)] : filesBelow(source).sort();
    for (const file of files) digest.update(file).update(readFileSync(file));
  }
  if (config !== undefined) digest.update(readFileSync(config));
  return digest.digest('hex').slice(0, 32);
};

const removeOld = (): void => {
  for (const name of readdirSync(tmpdir())) {
    const folder = join(tmpdir(), name);
    if (name.startsWith(PREFIX) && Date.now() - statSync(folder).mtimeMs > KEEP)
      rmSync(folder, { recursive: true, force: true });
  }
};

/**
 * The project's assembly under this configuration, in a folder of the caller's own. Synthesized once for the same sources: that
 * takes seconds, and most test files need the same.
 */
export const keptAssembly = async (config: string | undefined): Promise<string> => {
  const kept = join(tmpdir(), `${PREFIX}${digestOf(config)}`);
  if (!existsSync(kept)) {
    const made = await synthesize({ outDir: temporaryFolder(), config });
    removeOld();
    try {
      renameSync(made, kept);
    } catch {
      // Another process made the same one meanwhile.
      rmSync(made, { recursive: true, force: true });
    }
  }
  const own = temporaryFolder();
  cpSync(kept, own, { recursive: true });
  return own;
};
