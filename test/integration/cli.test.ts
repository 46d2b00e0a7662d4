import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Ran, type RunOptions, runMexc } from '../support/cli.ts';
import { type Local, startLocal } from '../support/local-stack.ts';
import { type Answered, alertOf, deliverUntilTaken, readApi } from '../support/webhook.ts';

const CLI = fileURLToPath(new URL('../../lib/cli/mexc.ts', import.meta.url));
const YEAR = ['--from', '2026-01-01', '--to', '2100-01-01'];

describe('the command line beside a stack that runs here', () => {
  let local: Local;
  let environment: Record<string, string>;
  before(async () => {
    local = await startLocal();
    environment = {
      PORT: new URL(local.url).port,
      DATA_DIR: local.dataDir,
      MEXC_WEBHOOK_TOKEN: 'demo-token',
    };
  });
  after(() => local.stop());

  const run = (args: readonly string[], options: RunOptions = {}): Promise<Ran> =>
    runMexc(args, { environment, ...options });
  const ran = async (...args: string[]): Promise<Ran> => {
    const it = await run(args);
    assert.equal(it.status, 0, it.err);
    return it;
  };
  const alert = (fields: Record<string, unknown>): Promise<Answered> =>
    deliverUntilTaken(local, alertOf(fields));
  const bought = async (id: string, fields: Record<string, unknown> = {}) => {
    const { json } = await alert({ quoteQuantity: '50', id, ...fields });
    while ((await readApi(local, `/orders/${json.id}`)).json.settled !== true)
      await local.invoke('reconcile-orders', {});
    return json.id as string;
  };

  test('shows one alert from what was asked for to its fills, hostile words as text', async () => {
    const comment = '<script>\u001b[31m =cmd()';
    const id = await bought('life', {
      quantity: '0.3456789',
      quoteQuantity: undefined,
      signalPrice: '142',
      comment,
    });

    const { out } = await ran('order', id);

    for (const line of [
      new RegExp(`^order ${id}  demo  filled$`, 'm'),
      /asked +buy SOLUSDT, quantity 0.3456789, .*comment <script>\\u001b\[31m =cmd\(\)$/m,
      /order +buy market 0\.345 SOLUSDT as /,
      /result +0\.345 \(base\) for .* in 1 fill for a commission of /,
      /slippage +0\.352 % \(142\.5 against the signal's 142: worse\)/,
      /took +fired to received .*, sent to answered .* in all$/m,
      /accepted: alert received/,
      /submitting: attempt 1; quantity 0\.3456789 rounded down to 0\.345 \(3 decimals\)/,
      /attempt 1 as .*: taken by the exchange/,
      /exchange order .*: FILLED, executed 0\.345 for /,
      /buy 0\.345 at 142\.5 = .* taker, realised 0, trade /,
    ])
      assert.match(out, line);
    const { json } = await ran('order', id, '--json');
    assert.deepEqual([json[0].id, json[0].state, json[0].fills.length], [id, 'filled', 1]);
    assert.match(
      (await ran('orders', '--strategy', 'demo')).out,
      new RegExp(`${id}  demo.*buy market  filled`),
    );
  });

  test('says why an alert was carried out, refused or skipped, by its own id', async () => {
    await bought('carried-out');
    await alert({ id: 'no-such', symbol: 'NOPEUSDT', quantity: '1' });
    await alert({ id: 'no-cover', action: 'buy', quantity: '1', marketPosition: 'flat' });

    const why = async (id: string) => (await ran('why', id, '--strategy', 'demo')).out;

    assert.match(await why('carried-out'), /was carried out in full\. Bought 0\.35 .* 142\.5 each\./);
    assert.match(await why('no-such'), /refused by your own rules.* NOPEUSDT is not a symbol/);
    assert.match(await why('no-cover'), /was skipped: no order was needed\. The reason: /);
    assert.match((await ran('why', 'no-such')).out, /NOPEUSDT/);
    assert.equal((await alert({ id: 'no-cover', quantity: '2' })).status, 409);
    assert.match(await why('no-cover'), /Another alert with the same id came at .* and was refused: order m/);
    const { status, err } = await run(['why', 'never-sent']);
    assert.equal(status, 1);
    assert.match(err, /There is no alert never-sent/);
  });

  test('halts, explains what the halt refused, and lets trade again', async () => {
    const halted = await run(['halt', '--reason', 'a look at it'], { typed: ['yes'] });
    assert.equal(halted.status, 0);
    assert.match(halted.asked[0] ?? '', /^Halt all strategies at http:.*\? Type yes: $/);
    assert.equal(halted.out, 'HALTED: demo.\nHALTED: strategies to come.');

    assert.equal((await alert({ id: 'while-halted', quantity: '1' })).status, 423);
    assert.match((await ran('why', 'while-halted')).out, /Strategy demo is halted/);
    assert.match((await ran('status')).out, /mode +demo: HALTED \(a look at it\)/);

    const { json } = await ran('resume', '--reason', 'seen', '--yes', '--strategy', 'demo', '--json');
    assert.deepEqual(
      json[0].strategies.map(({ strategy, mode }: Record<string, string>) => [strategy, mode]),
      [['demo', 'ACTIVE']],
    );
    const wrong = await run(['resume', '--reason', 'seen', '--yes', '--strategy', 'nobody']);
    assert.equal(wrong.status, 1);
    assert.match(wrong.err, /strategies\.0: is no strategy here; known are demo/);
    await ran('resume', '--reason', 'seen', '--yes');
  });

  test('sends a test alert, which buys nothing', async () => {
    const before = (await ran('positions', '--json')).json[0].positions;
    const test = ['send', '--strategy', 'demo', '--symbol', 'SOLUSDT', '--quote-quantity', '20'];

    assert.match(
      (await ran(...test)).out,
      /test alert of demo \(buy SOLUSDT\).* It was a test: .*\nIts life: order m/,
    );
    assert.equal((await ran(...test, '--json')).json[0].state, 'tested');

    assert.deepEqual((await ran('positions', '--json')).json[0].positions, before);
    const refused = await run(['send', '--strategy', 'demo', '--symbol', 'SOLUSDT']);
    assert.equal(refused.status, 1);
    assert.match(refused.err, /^ {2}\w+: .*\nIt is kept: order m/m);
    const stranger = { ...environment, MEXC_WEBHOOK_TOKEN: 'wrong' };
    assert.equal((await run(test, { environment: stranger })).status, 4);
  });

  test('exports every order and fill of a range, oldest first, as CSV and NDJSON', async () => {
    const id = await bought('exported');
    const [head, ...lines] = (await ran('export', 'fills', ...YEAR)).out.split('\r\n');
    const fills = (await ran('export', 'fills', ...YEAR, '--format', 'ndjson')).json;
    const orders = (await ran('export', 'orders', ...YEAR, '--json')).json;

    assert.match(head ?? '', /^time,symbol,side,quantity,price,/);
    assert.deepEqual(
      fills.map(({ tradeId }) => tradeId),
      lines.map((line) => line.trimEnd().split(',').at(-2)),
    );
    assert.equal(fills.at(-1).order, id);
    assert.deepEqual(
      orders.map(({ createdAt }) => createdAt),
      orders.map(({ createdAt }) => createdAt).sort(),
    );
    assert.equal(orders.length, (await readApi(local, '/orders?limit=10000')).json.orders.length);
    const past = await run(['export', 'fills', '--from', '2020-01-01', '--to', '2021-01-01']);
    assert.match(past.out, /^time,[^\n]*$/);
    assert.match(past.err, /0 fills from 2020-01-01/);
    assert.equal((await run(['export', 'fills', '--from', 'yesterday'])).status, 2);
  });

  test('pages of fills meet without a hole or a repeat, whatever their length', async () => {
    const all = (await readApi(local, '/fills')).json.fills;
    assert.ok(all.length >= 3);
    const paged = [];
    let next: string | undefined;
    do {
      const { json } = await readApi(local, `/fills?limit=1${next === undefined ? '' : `&cursor=${next}`}`);
      paged.push(...json.fills);
      next = json.next;
    } while (next !== undefined);

    assert.deepEqual(paged, all);
    const { status, json } = await readApi(local, '/fills?since=2026');
    assert.deepEqual([status, json.error.details[0].path], [422, 'since']);
  });

  test('follows what happens until Ctrl-C', async () => {
    const child = spawn(process.execPath, [CLI, 'tail', '--json', '--every', '0.2', '--url', local.url], {
      env: { ...process.env, MEXC_READ_TOKEN: local.readToken },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = once(child, 'exit');
    const lines = createInterface({ input: child.stdout });
    await once(child.stderr, 'data');

    const { json } = await alert({ id: 'followed', quoteQuantity: '50' });

    for await (const line of lines) {
      const event = JSON.parse(line);
      assert.equal(event.order, json.id);
      if (event.state === 'filled') break;
    }
    child.kill('SIGINT');
    assert.deepEqual(await ended, [0, null]);
  });

  test('shows the account, and what was traded', async () => {
    while ((await readApi(local, '/balances')).json.balances.length === 0)
      await local.invoke('snapshot-balances', {});
    assert.match((await ran('balances')).out, /^asset +free +locked +price \(USDT\)/);
    assert.match((await ran('balances', '--from', '2026-01-01')).out, /^at \(UTC\) +total/);
    assert.equal((await ran('profit', '--by', 'strategy', '--json')).json[0].by, 'strategy');
    assert.match((await ran('positions')).out, /^demo +SOLUSDT +\d/m);
    const status = (await ran('status', '--json')).json[0];
    assert.deepEqual(
      [status.url, status.health.status, status.control.strategies[0].strategy],
      [local.url, 'ok', 'demo'],
    );
    const { status: ended, err } = await run(['balances', '--from', 'yesterday']);
    assert.equal(ended, 1);
    assert.match(err, /from must be a time such as/);
  });

  test('adopts coins once, and sells everything on a flatten', async () => {
    const adoption = [
      'positions',
      'adopt',
      'demo',
      'XRPUSDT',
      '10',
      '--reason',
      'lay there',
      '--yes',
      '--id',
      'a',
    ];
    assert.match((await ran(...adoption)).out, /^demo now holds 10 XRPUSDT, cost 0\.$/);
    assert.match((await ran(...adoption)).out, /was made before/);

    const { status, out } = await run(['flatten', '--reason', 'over', '--yes', '--wait']);

    assert.match(out, /Done: nothing is left to do\./);
    // There are no such coins on the account, so they cannot be sold.
    assert.equal(status, 1);
    assert.match(out, /demo keeps 10 XRPUSDT: /);
    const { positions } = (await ran('positions', '--json')).json[0];
    assert.equal(positions.find(({ symbol }: { symbol: string }) => symbol === 'SOLUSDT').quantity, '0');
  });

  test('needs the right token of a stack elsewhere, whatever is kept here', async () => {
    const elsewhere = ['orders', '--url', local.url];
    assert.equal((await run(elsewhere)).status, 4);
    assert.equal((await run(elsewhere, { environment: { MEXC_READ_TOKEN: local.readToken } })).status, 0);
    assert.equal((await run(elsewhere, { typed: [local.readToken] })).status, 0);
    const halt = ['halt', '--reason', 'x', '--yes', '--url', local.url];
    assert.equal((await run(halt, { environment: { MEXC_ADMIN_TOKEN: local.readToken } })).status, 4);
  });
});
