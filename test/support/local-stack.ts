import { App } from 'aws-cdk-lib';
import { Config } from '../../infra/config.ts';
import { readSettings } from '../../infra/local/settings.ts';
import { StartError } from '../../infra/local/start-error.ts';
import { type LocalStack, startStack } from '../../infra/local/start-stack.ts';
import { MexcServerless } from '../../infra/stack.ts';
import { keptAssembly } from './kept-assembly.ts';
import { removeFolder, temporaryFolder } from './local-folders.ts';

/** The project as it is, in a folder that the caller removes. */
export const realAssembly = (options: { config?: string } = {}): Promise<string> =>
  keptAssembly(options.config);

/** Synthesizes the real stack around stand-in functions (`test/support/local-functions`), to test the local run alone. */
export const standInAssembly = (): string => {
  const outdir = temporaryFolder();
  const app = new App({ outdir });
  new MexcServerless(app, 'mexc-serverless', {
    config: Config.parse({}),
    functions: new URL('local-functions/', import.meta.url),
  });
  app.synth();
  return outdir;
};

export interface StartLocalOptions {
  /** Settings of `npm start`. @default a free port, and a data directory that goes with the stack */
  readonly env?: Record<string, string>;
  /** An assembly made before. @default the project as it is, under the configuration of `env` */
  readonly assembly?: string;
  /** Whether candles and balances are read at once. @default only when their schedule says */
  readonly runsOthers?: boolean;
  /** Takes what `npm start` would print. */
  readonly say?: (line: string) => void;
}

export interface Local extends LocalStack {
  readonly dataDir: string;
  /** Address of the simulator's control interface. */
  readonly exchangeControlUrl: string;
}

/** Runs the whole template on free ports. Ends with `stop`, which also removes a data directory it made. */
export const startLocal = async ({
  env = {},
  assembly,
  say,
  runsOthers = false,
}: StartLocalOptions = {}): Promise<Local> => {
  const made = env.DATA_DIR ? undefined : temporaryFolder();
  const settings = readSettings({ PORT: '0', ...(made && { DATA_DIR: made }), ...env });
  const own = assembly === undefined ? await keptAssembly(env.CONFIG) : undefined;
  const clean = (): void => {
    for (const folder of [made, own]) if (folder !== undefined) removeFolder(folder);
  };
  try {
    const stack = await startStack({ ...settings, assembly: assembly ?? own }, { say, runsOthers });
    return {
      ...stack,
      dataDir: settings.dataDir,
      exchangeControlUrl: stack.exchange.controlUrl ?? '',
      stop: async () => {
        await stack.stop();
        clean();
      },
    };
  } catch (error) {
    clean();
    throw error;
  }
};

/** The words with which a start is refused. A stack that starts all the same is stopped, and is a failure. */
export const refusal = async (options: StartLocalOptions): Promise<string> => {
  let local: Local;
  try {
    local = await startLocal(options);
  } catch (error) {
    if (error instanceof StartError) return error.message;
    throw error;
  }
  await local.stop();
  throw new Error('the stack started');
};
