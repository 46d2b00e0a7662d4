import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sparticuz, { setupLambdaEnvironment } from '@sparticuz/chromium';
import { type Browser, chromium } from 'playwright-core';

const SYSTEM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** A real Chromium: the one of `CHROME_PATH`, else the system's, else the one that npm brought, which needs nothing of the system. */
export const launchBrowser = async (): Promise<Browser> => {
  const own = process.env.CHROME_PATH ?? SYSTEM.find((path) => existsSync(path));
  if (own !== undefined) return chromium.launch({ executablePath: own, args: ['--no-sandbox'] });
  const before = { ...process.env };
  try {
    // It then unpacks the libraries that it needs too; other children of this process must not see them.
    process.env.AWS_EXECUTION_ENV = 'AWS_Lambda_nodejs24.x';
    setupLambdaEnvironment(join(tmpdir(), 'al2023', 'lib'));
    const executablePath = await sparticuz.executablePath();
    const env = Object.fromEntries(Object.entries(process.env).map(([name, value]) => [name, value ?? '']));
    // In a single process the end of one tab would be the end of all.
    const args = sparticuz.args.filter((each) => each !== '--single-process');
    return await chromium.launch({ executablePath, args, env });
  } finally {
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
  }
};
