import assert from 'node:assert/strict';
import axe from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { Local } from './local-stack.ts';

/** A tab with the console in it. */
export interface ConsolePage {
  readonly page: Page;
  /** Errors of the page, and requests that left for another host or held a token in their address. */
  readonly complaints: readonly string[];
  /** Opens a view by its place, such as `#/orders`. */
  open(place: string, heading: string): Promise<void>;
  signIn(token?: string): Promise<void>;
}

/**
 * Opens the console in a tab of its own.
 * @param stack where it is served, with its tokens
 * @param options.ownClock its timers go by a clock that the test can put forward
 */
export const openConsole = async (
  browser: Browser,
  stack: Pick<Local, 'url' | 'readToken'>,
  { ownClock = false, ...options }: BrowserContextOptions & { readonly ownClock?: boolean } = {},
): Promise<ConsolePage> => {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('request', (request) => {
    const url = request.url();
    const own = url.startsWith(`${stack.url}/`) || url.startsWith('data:');
    if (!own || url.includes(stack.readToken)) complaints.push(`request: ${url}`);
  });
  if (ownClock) await page.clock.install();
  await page.goto(`${stack.url}/`);
  return {
    page,
    complaints,
    open: async (place, heading) => {
      await page.evaluate(`location.hash = ${JSON.stringify(place)}`);
      await page.getByRole('heading', { level: 1, name: heading, exact: true }).waitFor();
    },
    signIn: async (token = stack.readToken) => {
      await page.getByLabel('Read token').fill(token);
      await page.getByRole('button', { name: 'Sign in' }).click();
    },
  };
};

/** What axe finds wrong with the page as it is: rule, and the elements. */
export const violations = async (page: Page): Promise<readonly string[]> => {
  // By the debugger's way: the page's own policy lets nothing in.
  await page.evaluate(axe.source);
  return page.evaluate(`axe.run().then(({ violations }) => violations.map(({ id, nodes }) =>
    id + ': ' + nodes.map(({ html, failureSummary }) => html + ' ' + failureSummary).join('; ')))`);
};

/** Every view, by its place and heading. @param order an order to look at */
export const viewsOf = (
  order: string,
): readonly (readonly [name: string, place: string, heading: string])[] => [
  ['overview', '#/overview', 'Overview'],
  ['market', '#/market', 'Market'],
  ['orders', '#/orders', 'Orders'],
  ['order', `#/orders/${order}`, 'One order'],
  ['strategies', '#/strategies', 'Strategies'],
  ['account', '#/account', 'Account'],
];

/** Fails with what the page complained of. */
export const assertQuiet = ({ complaints }: ConsolePage): void => assert.deepEqual(complaints, []);
