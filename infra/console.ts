import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { buildSync } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const sources = fileURLToPath(new URL('../lib/console/', import.meta.url));

/** Files by their path beside the bundle of `read-state`. */
export type ConsoleFiles = Readonly<Record<string, Uint8Array>>;

/**
 * The console's page: its styles stand in it, its script has a file of its own that a browser keeps for good, since its name
 * says its content. Compressed here once, since an HTTP API compresses nothing. `console/console.json` says what there is, and the policy
 * that lets a browser run these very bytes and nothing else.
 */
export const consoleFiles = (): ConsoleFiles => {
  const style = built('console.css');
  const script = built('main.ts');
  const name = `console-${hashOf(script, 'hex').slice(0, 16)}.js`;
  const page = readFileSync(`${sources}index.html`, 'utf8')
    .replace('<!-- style -->', () => `<style>${style}</style>`)
    .replace(
      '<!-- script -->',
      () => `<script type="module" src="console/${name}" integrity="sha256-${hashOf(script)}"></script>`,
    );
  const description = { page: 'index.html', script: name, policy: policyOf(style, script) };
  return {
    'console/console.json': Buffer.from(`${JSON.stringify(description, null, 1)}\n`),
    'console/index.html.gz': gzipSync(page, { level: 9 }),
    [`console/${name}.gz`]: gzipSync(script, { level: 9 }),
  };
};

const policyOf = (style: string, script: string): string =>
  [
    "default-src 'none'",
    `script-src 'sha256-${hashOf(script)}'`,
    `style-src 'sha256-${hashOf(style)}'`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    // No text of the ledger can become HTML, whatever the page's script does.
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');

const hashOf = (text: string, encoding: 'base64' | 'hex' = 'base64'): string =>
  createHash('sha256').update(text).digest(encoding);

const built = (entry: string): string => {
  const [output] = buildSync({
    absWorkingDir: root,
    entryPoints: [`${sources}${entry}`],
    write: false,
    bundle: true,
    platform: 'browser',
    target: ['es2023', 'chrome116', 'firefox121', 'safari17'],
    format: 'esm',
    minify: true,
    charset: 'utf8',
    legalComments: 'none',
    logLevel: 'warning',
  }).outputFiles;
  if (!output) throw new Error(`the console's ${entry} was not built`);
  return output.text;
};
