import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/**
 * Bundles one entry point into a folder of its own, `index.cjs` beside the `config.json` and further files it may need, and removes
 * the folder again after `use`. The same sources give the same bytes wherever the project and the folder lie.
 */
export const withBundle = <Result>(
  entry: string,
  config: object | undefined,
  use: (folder: string) => Result,
  files: Readonly<Record<string, Uint8Array>> = {},
): Result => {
  const folder = mkdtempSync(join(tmpdir(), 'mexc-bundle-'));
  try {
    for (const { path, contents } of bundle(entry)) writeFileSync(join(folder, basename(path)), contents);
    if (config) writeFileSync(join(folder, 'config.json'), `${JSON.stringify(config, null, 1)}\n`);
    for (const [path, contents] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), contents);
    }
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** The whole image: Node, the bundle, and a user without rights. */
const DOCKERFILE = `FROM public.ecr.aws/docker/library/node:24-slim
COPY . /app
USER node
CMD ["node", "/app/main.cjs"]
`;

/** The same for a container: its image is built of the folder, whose `main.cjs` calls what the entry point exports as `main`. */
export const withImage = <Result>(entry: string, config: object, use: (folder: string) => Result): Result =>
  withBundle(entry, config, (folder) => {
    writeFileSync(join(folder, 'main.cjs'), "require('./index.cjs').main();\n");
    writeFileSync(join(folder, 'Dockerfile'), DOCKERFILE);
    return use(folder);
  });

const bundle = (entry: string) =>
  buildSync({
    absWorkingDir: root,
    entryPoints: [entry],
    // Never written there: source maps name their sources relative to this place, so it must be a fixed one.
    outfile: join(root, 'cdk.out', 'bundle', 'index.cjs'),
    write: false,
    bundle: true,
    platform: 'node',
    target: 'node24',
    // Not ESM: that loads every built-in module of the whole bundle at the start, and `import 'http'` all of Node's own undici.
    format: 'cjs',
    mainFields: ['module', 'main'],
    minify: true,
    legalComments: 'none',
    // undici then leaves out its experimental parser, 165 kB that the client never uses.
    define: { esbuildDetection: '1', 'import.meta.url': 'bundleUrl' },
    sourcemap: true,
    sourcesContent: false,
    logLevel: 'warning',
    banner: { js: "const bundleUrl=require('node:url').pathToFileURL(__filename).href;" },
  }).outputFiles;
