import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { launchBrowser } from '../support/browser.ts';
import { assertQuiet, type ConsolePage, openConsole, viewsOf, violations } from '../support/console-page.ts';
import { startTrading, type TradingStack } from '../support/trading-stack.ts';

const HOSTILE = '<script>document.title = "taken"</script><img src=x onerror=alert(1)> =cmd()';
const PLACEMENT = { method: 'POST', path: '/api/v3/order' };

describe("the operator's console in a real browser", () => {
  let stack: TradingStack;
  let browser: Browser;
  let tab: ConsolePage;
  const parts = new AsyncDisposableStack();
  before(async () => {
    stack = parts.adopt(
      await startTrading({ exchange: { seed: 'console' }, strategies: { demo: {} } }),
      (it) => it.stop(),
    );
    browser = parts.adopt(await launchBrowser(), (it) => it.close());
    await Promise.all([stack.invoke('pull-klines', {}), stack.invoke('snapshot-balances', {})]);
    tab = await openConsole(browser, stack, { viewport: { width: 1280, height: 900 } });
  });
  after(() => parts.disposeAsync());

  test('is one page with a policy that lets nothing else in, small, and kept by its hash', async () => {
    const page = await fetch(`${stack.url}/`);
    const html = await page.text();
    const [, path = ''] = /src="([^"]+)"/.exec(html) ?? [];
    const script = await fetch(`${stack.url}/${path}`);
    const weight = Number(page.headers.get('content-length')) + Number(script.headers.get('content-length'));
    await script.arrayBuffer();
    const missing = await fetch(`${stack.url}/console/other.js`);

    const policy = page.headers.get('content-security-policy') ?? '';
    assert.match(policy, /default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-[^']+'/);
    assert.match(policy, /connect-src 'self';.* frame-ancestors 'none'/);
    assert.equal(page.headers.get('cache-control'), 'no-store');
    assert.match(script.headers.get('cache-control') ?? '', /immutable/);
    assert.equal(script.headers.get('content-encoding'), 'gzip');
    assert.ok(weight < 300_000, `${weight} bytes`);
    assert.equal(page.headers.get('access-control-allow-origin'), null);
    assert.equal(missing.status, 404);
  });

  test('a wrong token is told so, and the right one opens the overview', async () => {
    const stranger = await openConsole(browser, stack);
    await stranger.signIn('wrong');
    await stranger.page.getByText('This read token is wrong.').waitFor();
    assert.deepEqual(await violations(stranger.page), []);
    await stranger.page.context().close();

    await tab.signIn();
    await tab.page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    assert.deepEqual(await tab.page.evaluate('[document.cookie, localStorage.length, location.search]'), [
      '',
      0,
      '',
    ]);
  });

  test('an order goes from accepted to filled before the eyes, and its life can be opened', async () => {
    const { page } = tab;
    await tab.open('#/orders', 'Orders');
    await page.evaluate('globalThis.neverReloaded = true');
    // The first order is executed but not shown: its lane stays taken, and the second one waits.
    stack.market.faults.add({ match: { ...PLACEMENT, times: 1 }, kind: 'drop-after' });
    stack.market.faults.add({ match: {}, kind: 'flap' });
    await stack.alert('demo', 'first', { quoteQuantity: '20' });
    const { json } = await stack.alert('demo', 'second', {
      quoteQuantity: '30',
      signalPrice: '142',
      sequence: 7,
      comment: HOSTILE,
    });
    assert.equal(json.state, 'accepted');
    const row = page.getByRole('row').filter({ has: page.locator(`a[href="#/orders/${json.id}"]`) });
    await row.getByText('accepted', { exact: true }).waitFor();

    stack.market.faults.clear();
    await stack.reconcile();
    await row.getByText('filled', { exact: true }).waitFor();
    await row.getByRole('link').click();

    await page.getByRole('heading', { level: 1, name: 'One order' }).waitFor();
    const timeline = page.getByRole('list').filter({ hasText: 'Alert stored' });
    for (const step of [
      'Alert fired',
      'accepted',
      'submitting',
      'Attempt 1: on the exchange',
      'Fill applied',
    ])
      await timeline.getByText(step, { exact: false }).first().waitFor();
    await page.getByText(/% worse than 142/).waitFor();
    assert.ok((await page.locator('pre').innerText()).includes(JSON.stringify(HOSTILE).slice(1, -1)));
    assert.match(await page.title(), /^One order/);
    assert.equal(await page.locator('#app img, #app script').count(), 0);
    assert.equal(await page.evaluate('globalThis.neverReloaded'), true);
  });

  test('halts, sees the next alert refused, and resumes', async () => {
    const { page } = tab;
    const change = async (verb: string, token: string): Promise<void> => {
      await page
        .getByRole('group', { name: 'Mode of all strategies' })
        .getByRole('button', { name: verb })
        .click();
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('Reason').fill('a test of the console');
      await dialog.getByLabel('Admin token').fill(token);
      await dialog.getByRole('button', { name: verb }).click();
    };
    await tab.open('#/overview', 'Overview');
    await change('Halt', 'wrong');
    await page.getByText('This admin token is wrong. Nothing was changed.').waitFor();
    assert.deepEqual(await violations(page), []);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await change('Halt', stack.adminToken);
    await page.getByText('It holds: all strategies are HALTED.').waitFor();
    await page.getByRole('button', { name: 'Close' }).click();
    await page.locator('.tile').filter({ hasText: 'Mode' }).getByText('HALTED', { exact: true }).waitFor();
    await page.getByText('“a test of the console”').waitFor();
    const second = await openConsole(browser, stack);
    await second.signIn();
    await second.page.locator('.tile').getByText('HALTED', { exact: true }).waitFor();

    await tab.open('#/orders?state=refused', 'Orders');
    const { status } = await stack.alert('demo', 'while halted', { quoteQuantity: '15' });
    assert.equal(status, 423);
    await page.getByRole('row').getByText('refused', { exact: true }).waitFor();

    await tab.open('#/overview', 'Overview');
    await change('Resume', stack.adminToken);
    await page.getByText('It holds: all strategies are ACTIVE.').waitFor();
    await second.page.locator('.tile').getByText('ACTIVE', { exact: true }).waitFor();
    assertQuiet(second);
    await second.page.context().close();
    await page.getByRole('button', { name: 'Close' }).click();
    assert.equal((await stack.alert('demo', 'resumed', { quoteQuantity: '15' })).json.state, 'filled');
  });

  test('sends a test alert that buys nothing', async () => {
    const { page } = tab;
    await tab.open('#/strategies', 'Strategies');
    await page.getByRole('button', { name: 'Send a test alert' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Symbol').fill('SOLUSDT');
    await dialog.getByLabel('Webhook token').fill('demo-token');
    await dialog.getByRole('button', { name: 'Send test alert' }).click();
    await dialog.getByText('The order is tested').waitFor();
    await dialog.getByRole('link', { name: 'Its life' }).click();
    await page.getByRole('heading', { level: 1, name: 'One order' }).waitFor();
  });

  test('no view has a fault that axe knows, in light and dark, wide and narrow', async () => {
    const { json } = await stack.alert('demo', 'for axe', { quoteQuantity: '15' });
    const { page } = tab;
    for (const [colorScheme, width] of [
      ['light', 1280],
      ['dark', 390],
    ] as const) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize({ width, height: 844 });
      for (const [name, place, heading] of viewsOf(json.id)) {
        await tab.open(place, heading);
        await page.getByText('Loading').first().waitFor({ state: 'hidden' });
        assert.deepEqual(await violations(page), [], `${name}, ${colorScheme}, ${width}`);
        const overflow = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
        assert.ok(Number(overflow) <= 0, `${name} is ${overflow} px too wide at ${width}`);
      }
    }
  });

  test('asks nothing in a hidden tab, and at once when it is seen again', async () => {
    const other = await openConsole(browser, stack, { ownClock: true });
    const { page } = other;
    await other.signIn();
    await page.getByRole('heading', { level: 2, name: 'Mode' }).waitFor();
    const show = (hidden: boolean): Promise<unknown> =>
      page.evaluate(`Object.defineProperty(document, 'hidden', { value: ${hidden}, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));`);
    await show(true);
    await page.waitForLoadState('networkidle');
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));

    await page.clock.fastForward(600_000);
    const whileHidden = asked.length;
    const again = page.waitForRequest(/\/overview$/);
    await show(false);
    await again;

    assert.equal(whileHidden, 0);
    await page.context().close();
  });

  test('a session whose token is not good any more ends with a sentence', async () => {
    const { page } = tab;
    assertQuiet({ ...tab, complaints: tab.complaints.filter((each) => !/status of 401/.test(each)) });
    await page.evaluate("sessionStorage.setItem('mexc-read-token', 'expired')");
    await page.getByText('The read token is not accepted any more: sign in again.').waitFor();
    assert.equal(await page.evaluate('sessionStorage.length'), 0);
  });
});
