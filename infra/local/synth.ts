import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import { StartError } from './start-error.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

const CdkJson = z.looseObject({ app: z.string(), context: z.record(z.string(), z.unknown()).default({}) });

/** Rules over the finished template change nothing in it: `npm run check` applies them, a start need not wait for them. */
const UNCHECKED = { '@aws-cdk/core:validateAgainstDefaultRules': false };

/** Variables of ours that the CDK app may see: what a shell needs, and none of the secrets in our environment. */
const PASSED_ON = ['HOME', 'LANG', 'TMPDIR', 'TMP', 'TEMP', 'SYSTEMROOT', 'SystemRoot'];

export interface SynthesisOptions {
  readonly outDir: string;
  /** Configuration file to use instead of the context. */
  readonly config: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Synthesizes the template as `cdk synth` does, but without the CLI, which needs three times as long: runs the app
 * that cdk.json names, with its context.
 * @throws StartError with the app's own words when it refuses
 */
export const synthesize = async ({ outDir, config, signal }: SynthesisOptions): Promise<string> => {
  const { app, context } = CdkJson.parse(JSON.parse(readFileSync(join(root, 'cdk.json'), 'utf8')));
  rmSync(outDir, { recursive: true, force: true });
  const env: Record<string, string> = {
    PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
    CDK_OUTDIR: outDir,
    CDK_CONTEXT_JSON: JSON.stringify({ ...context, ...UNCHECKED }),
    ...(config && { CONFIG: config }),
  };
  for (const name of PASSED_ON) {
    const value = process.env[name];
    if (value !== undefined) env[name] = value;
  }
  const child = spawn(app, { cwd: root, env, shell: true, signal, stdio: ['ignore', 'ignore', 'pipe'] });
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    words += text;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new StartError(`The template could not be synthesized. ${words.trim()}`);
  return outDir;
};
