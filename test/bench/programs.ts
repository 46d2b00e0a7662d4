import { cpSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withBundle } from '../../infra/bundle.ts';
import { own } from '../../infra/local/processes.ts';

/** A bundle made exactly as deployed functions are. */
export interface Bundle {
  readonly folder: string;
  readonly bytes: number;
}

/** Bundles `contenders/<name>.ts` with the settings of the deployed functions, into a folder below `parent`. */
export const bundleContender = (name: string, parent: string): Bundle => {
  const folder = join(parent, name);
  const entry = fileURLToPath(new URL(`contenders/${name}.ts`, import.meta.url));
  withBundle(entry, undefined, (made) => cpSync(made, folder, { recursive: true }));
  return { folder, bytes: bundleBytes(folder) };
};

export const bundleBytes = (folder: string): number => statSync(join(folder, 'index.cjs')).size;

/** A program that prints where it can be reached, and ends when it is told to. */
export interface Served {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts `<name>.ts` of this folder. */
export const startProgram = async (name: string, args: readonly string[] = []): Promise<Served> => {
  const { promise: url, resolve, reject } = Promise.withResolvers<string>();
  const file = fileURLToPath(new URL(`${name}.ts`, import.meta.url));
  const program = own(process.execPath, [file, ...args], {
    env: {},
    onLine: (line, stream) => (stream === 'out' ? resolve(line) : console.error(line)),
  });
  void program.gone.then((how) => reject(new Error(`${name} ended (${how})`)));
  return { url: await url, stop: () => program.stop() };
};

/** Runs a program to its end. @returns the last line it printed. */
export const runProgram = async (file: string, args: readonly string[]): Promise<string> => {
  let last = '';
  const complaints: string[] = [];
  const program = own(process.execPath, [file, ...args], {
    env: {},
    onLine: (line, stream) => {
      if (stream === 'out') last = line;
      else complaints.push(line);
    },
  });
  const how = await program.gone;
  if (how !== 'exit status 0') throw new Error(`${file}: ${how}\n${complaints.join('\n')}`);
  return last;
};
