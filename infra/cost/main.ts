import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { App } from 'aws-cdk-lib';
import { Option } from 'commander';
import * as z from 'zod';
import { type Command, EXIT, type Io, runAsProcess } from '../../lib/cli/io.ts';
import { EXIT_CODES, runProgram } from '../../lib/cli/program.ts';
import { type Config, ConfigError } from '../config.ts';
import { configured } from '../config-check.ts';
import { MexcServerless } from '../stack.ts';
import { estimate, inLines } from './estimate.ts';
import { REGIONS, type Region } from './prices.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const Context = z.looseObject({ context: z.record(z.string(), z.unknown()).default({}) });

interface Options {
  readonly region: Region;
  readonly json?: true;
}

/** `npm run cost`: what the configuration costs a month, item by item. */
export const cost: Command = (args, io) =>
  runProgram('cost', args, io, (program, end) => {
    program
      .description('What the configuration costs a month, with and without the always-free tier.')
      .argument('[file]', 'a configuration file (default: CONFIG, else the context in cdk.json)')
      .addOption(new Option('--region <region>', 'whose prices').choices(REGIONS).default('ap-northeast-1'))
      .option('--json', 'the estimate as JSON')
      .addHelpText(
        'after',
        `${EXIT_CODES} A budget that is exceeded is 1.\n\nExample:\n  npm run cost -- --region us-east-1`,
      )
      .action(async (file: string | undefined, options: Options) => end(show(file, options, io)));
  });

const show = (file: string | undefined, { region, json }: Options, io: Io): number => {
  let config: Config;
  try {
    config = configured(file, io);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    io.err(error.message);
    return EXIT.wrong;
  }
  const result = estimate(config, templateOf(config), region);
  if (json) io.out(JSON.stringify(result, null, 1));
  else for (const line of inLines(result, config.budget?.monthlyUsd)) io.out(line);
  return result.aboveBudget ? EXIT.wrong : EXIT.fine;
};

/** Synthesized in a folder that goes again, around empty functions: what stands there all month is the same. */
const templateOf = (config: Config): unknown => {
  const folder = mkdtempSync(join(tmpdir(), 'mexc-cost-'));
  try {
    const functions = join(folder, 'functions');
    mkdirSync(functions);
    for (const name of readdirSync(join(ROOT, 'functions')))
      if (name.endsWith('.ts')) writeFileSync(join(functions, name), 'export const handler = 0, main = 0;\n');
    const { context } = Context.parse(JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8')));
    // Rules over the finished template change nothing in it.
    const unchecked = { ...context, '@aws-cdk/core:validateAgainstDefaultRules': false };
    const app = new App({ outdir: join(folder, 'cdk.out'), context: unchecked });
    const stack = new MexcServerless(app, 'mexc-serverless', {
      config,
      functions: pathToFileURL(`${functions}/`),
    });
    const template: unknown = app.synth().getStackArtifact(stack.artifactId).template;
    return template;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

if (import.meta.main) await runAsProcess(cost);
