import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetQueueAttributesCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { CREDENTIALS, REGION } from '../../infra/local/aws.ts';
import { removeFolder, temporaryFolder } from '../support/local-folders.ts';
import { type Local, startLocal } from '../support/local-stack.ts';
import { type Received, startMessenger, type TestMessenger } from '../support/messenger.ts';
import { putControl } from '../support/operator.ts';
import { alertOf, deliver } from '../support/webhook.ts';

const BOT_TOKEN = '123456:bot-token-of-the-test';
const HOOK = '/services/hook-token-of-the-test';

const idIn = ({ body }: Received): string => /event: (?:<code>)?([^<\s]+)/.exec(body.text)?.[1] ?? '';
const ids = (taken: readonly Received[]): string[] => taken.map(idIn);
const ofOrders = (all: readonly string[]): string[] => all.filter((id) => /^m[a-z2-7]{25}\//.test(id));

/** As an operator or a service would call the local AWS. */
const aws = (endpoint: string) => ({ endpoint, region: REGION, credentials: CREDENTIALS });

describe('a stack with two channels', { timeout: 120_000 }, () => {
  const parts = new AsyncDisposableStack();
  let phone: TestMessenger;
  let desk: TestMessenger;
  let local: Local;
  let env: Record<string, string>;

  const setSecret = async (value: object): Promise<void> => {
    const secrets = new SecretsManagerClient(aws(local.secretsUrl));
    await secrets.send(
      new PutSecretValueCommand({ SecretId: 'NotifySecret', SecretString: JSON.stringify(value) }),
    );
    secrets.destroy();
  };
  const secret = () => ({
    phone: { botToken: BOT_TOKEN, chatId: 42, api: phone.url },
    desk: { url: `${desk.url}${HOOK}` },
  });

  before(async () => {
    phone = parts.adopt(await startMessenger(), (it) => it.close());
    desk = parts.adopt(await startMessenger(), (it) => it.close());
    const folder = parts.adopt(temporaryFolder(), removeFolder);
    const CONFIG = join(folder, 'config.json');
    const channels = { phone: { kind: 'telegram' }, desk: { kind: 'slack' } };
    writeFileSync(
      CONFIG,
      JSON.stringify({ strategies: { demo: {} }, symbols: ['SOLUSDT'], notifications: { channels } }),
    );
    env = { CONFIG, DATA_DIR: join(folder, 'data') };
    local = await startLocal({ env });
    parts.defer(() => local.stop());
    await setSecret(secret());
  });
  after(() => parts.disposeAsync());

  test('while one messenger is down, trading goes on and the other gets all; then the first gets all, in order', async () => {
    phone.answers({ status: 503, headers: { 'retry-after': '1' } });

    const answers = [];
    for (const fields of [{ quoteQuantity: '20' }, { quoteQuantity: '30' }, { quantity: '0.1', stop: '1' }])
      answers.push(await deliver(local, alertOf({ comment: '<b>*bold*', ...fields })));
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200, 422],
    );
    await putControl(local, { mode: 'HALTED' });
    await desk.took(4);
    await phone.turnedAway(2);
    assert.equal(phone.taken.length, 0);
    assert.equal(new Set(ids(phone.refused)).size, 1, 'nothing overtakes what was not taken yet');

    phone.answers(undefined);
    await phone.took(4);

    const [first, second, third] = answers.map(({ json }) => json.id);
    const orders = ofOrders(ids(phone.taken));
    assert.deepEqual(
      orders.map((id) => id.split('/')[0]),
      [first, second, third],
    );
    assert.deepEqual(orders, ofOrders(ids(desk.taken)));
    assert.deepEqual(ids(phone.taken).sort(), ids(desk.taken).sort());
    assert.equal(phone.taken[0]?.path, `/bot${BOT_TOKEN}/sendMessage`);
    assert.match(phone.taken[0]?.body.text, /^<b>Filled: market buy SOLUSDT<\/b>\n.*&lt;b&gt;\*bold\*/s);
    assert.ok(desk.taken.some(({ body }) => /^Halted: strategy demo\n/.test(body.text)));
  });

  test('an alarm of the topic reaches every channel', async () => {
    const alarm = { AlarmName: 'unknown-orders', NewStateValue: 'ALARM', NewStateReason: 'two of them' };
    const before = desk.taken.length;
    const form = {
      Action: 'Publish',
      TopicArn: 'arn:aws:sns:ap-northeast-1:000000000000:AlarmTopic',
      Message: JSON.stringify(alarm),
    };

    const response = await fetch(local.url, { method: 'POST', body: new URLSearchParams(form) });

    assert.equal(response.status, 200);
    await Promise.all([desk.took(before + 1), phone.took(before + 1)]);
    assert.match(desk.taken.at(-1)?.body.text, /^Alarm: unknown-orders\nreason: two of them/);
  });

  test('what a messenger will never take is put aside, and holds up nothing behind it', async () => {
    const sqs = new SQSClient(aws(local.url));
    const queue = (name: string) => ({ QueueUrl: `${local.url}/000000000000/${name}.fifo` });
    const before = desk.taken.length;
    desk.answers({ status: 400, body: 'invalid_payload' });

    await putControl(local, { mode: 'ACTIVE' });
    await desk.turnedAway(1);
    await phone.took(before + 1);
    desk.answers(undefined);
    await putControl(local, { mode: 'HALTED' });
    await desk.took(before + 1);

    const { Messages: [aside] = [] } = await sqs.send(new ReceiveMessageCommand(queue('NoticesAside')));
    const { channel, notice } = JSON.parse(aside?.Body ?? '{}');
    assert.deepEqual([channel, notice.title], ['desk', 'Armed again: strategy demo']);
    await local.settled(5_000);
    const { Attributes } = await sqs.send(
      new GetQueueAttributesCommand({ ...queue('DeskNotices'), AttributeNames: ['All'] }),
    );
    assert.equal(Attributes?.ApproximateNumberOfMessages, '0');
    assert.match(local.logs().join('\n'), /put aside.*"why":"status 400"/);
    sqs.destroy();
  });

  test('a restart goes on where it stopped: nothing is told again, nothing is lost', async () => {
    const told = desk.taken.length;
    desk.answers({ status: 500 });
    const refusedBefore = desk.refused.length;
    await putControl(local, { mode: 'ACTIVE' });
    await desk.turnedAway(refusedBefore + 1);
    await phone.took(told + 2);
    await local.stop();
    desk.answers(undefined);

    local = await startLocal({ env });
    await setSecret(secret());
    await desk.took(told + 1);

    assert.match(desk.taken.at(-1)?.body.text, /^Armed again/);
    await putControl(local, { mode: 'HALTED' });
    await desk.took(told + 2);
    assert.equal(new Set(ids(desk.taken)).size, told + 2, 'no notice was told twice');
  });

  test('no token of a messenger is in a log line or an error', () => {
    const lines = readFileSync(local.logFile, 'utf8');

    assert.ok(lines.includes('notice delivered'));
    for (const token of [BOT_TOKEN, HOOK, 'bot-token', 'hook-token']) assert.ok(!lines.includes(token));
  });
});
