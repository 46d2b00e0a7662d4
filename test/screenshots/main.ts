import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { launchBrowser } from '../support/browser.ts';
import { type ConsolePage, openConsole, viewsOf } from '../support/console-page.ts';
import { setScene } from './scene.ts';

/**
 * `npm run screenshots -- [--to folder] [--readme]`: every view of the console at 390 and 1440 pixels, light and dark.
 * `--readme` writes the four that the README shows too.
 */
const root = fileURLToPath(new URL('../..', import.meta.url));
const { values } = parseArgs({
  options: {
    to: { type: 'string', default: '.local/screenshots' },
    readme: { type: 'boolean', default: false },
  },
});
const folder = resolve(values.to);
const kept = join(root, 'lib/console/screenshots');
const README: Readonly<Record<string, string>> = {
  'overview-1440-light': 'overview.png',
  'market-1440-dark': 'market.png',
  'order-1440-light': 'order.png',
  'orders-390-dark': 'orders-phone.png',
};

mkdirSync(folder, { recursive: true });
if (values.readme) mkdirSync(kept, { recursive: true });

/** @param fullPage false: what a person sees, since a dialog covers no more */
const shoot = async ({ page }: ConsolePage, name: string, fullPage = true): Promise<void> => {
  // The pointer would draw its cross into a chart.
  await page.mouse.move(0, 0);
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage });
  const chosen = README[name];
  if (values.readme && chosen !== undefined) await page.screenshot({ path: join(kept, chosen) });
  process.stdout.write(`${name}\n`);
};

await using parts = new AsyncDisposableStack();
const { stack, order } = await setScene(parts);
const browser = parts.adopt(await launchBrowser(), (it) => it.close());
for (const [width, height] of [
  [390, 844],
  [1440, 900],
] as const)
  for (const colorScheme of ['light', 'dark'] as const) {
    const tab = await openConsole(browser, stack, { colorScheme, viewport: { width, height } });
    const suffix = `${width}-${colorScheme}`;
    await shoot(tab, `sign-in-${suffix}`);
    await tab.signIn();
    for (const [name, place, heading] of [
      ...viewsOf(order).filter(([name]) => name !== 'market'),
      ['market', '#/market?symbol=SOLUSDT&interval=1m', 'Market'],
      ['market-holes', '#/market?symbol=METALUSDT&interval=1m', 'Market'],
    ] as const) {
      await tab.open(place, heading);
      await tab.page.getByText('Loading').first().waitFor({ state: 'hidden' });
      // The first paint of a chart comes a frame after its data.
      await tab.page.waitForLoadState('networkidle');
      await shoot(tab, `${name}-${suffix}`);
    }
    await tab.page.getByRole('link', { name: 'Overview' }).click();
    await tab.page.getByRole('button', { name: 'Halt' }).click();
    await shoot(tab, `halt-${suffix}`, false);
    await tab.page.context().close();
  }
