import { globSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

// All these tests in one process: loading what they share takes longer than most of them run.
for (const file of globSync('**/*.test.ts', { cwd: import.meta.dirname }).sort())
  await import(pathToFileURL(join(import.meta.dirname, file)).href);
