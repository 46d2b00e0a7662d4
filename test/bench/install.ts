import { execSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('.', import.meta.url));

const run = (command: string): void => {
  execSync(command, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
};

/** Installs what the benchmarks compare with, unless it is there, and checks the types of what uses it. */
export const installPeers = (): void => {
  if (!existsSync(`${folder}node_modules`)) run('npm ci');
  run('npm run --silent types');
};
