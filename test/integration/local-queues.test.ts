import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { CREDENTIALS, REGION } from '../../infra/local/aws.ts';
import { failuresOf } from '../../infra/local/batch-outcome.ts';
import type { QueueModel } from '../../infra/local/event-model.ts';
import { listenLocally } from '../../infra/local/ports.ts';
import { createQueue } from '../../infra/local/queue.ts';
import { sqsApi } from '../../infra/local/sqs-api.ts';

const NOW = Date.UTC(2026, 10, 22, 10);

const fifo = (own: Partial<QueueModel> = {}): QueueModel => ({
  name: 'Notices',
  url: 'http://127.0.0.1:1/000000000000/Notices.fifo',
  arn: 'arn:aws:sqs:ap-northeast-1:000000000000:Notices.fifo',
  fifo: true,
  contentDeduplication: false,
  visibilitySeconds: 90,
  retentionSeconds: 86_400,
  redrive: undefined,
  ...own,
});

const bodies = (messages: readonly { body: string }[]): string[] => messages.map(({ body }) => body);

test('a group is given in order, and not at all while one of it is taken out', (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: NOW });
  const queue = createQueue(fifo());
  for (const [body, group] of [
    ['a1', 'a'],
    ['a2', 'a'],
    ['b1', 'b'],
  ] as const)
    queue.send({ body, group, deduplication: body });

  const [first] = queue.receive(1);
  assert.equal(first?.body, 'a1');
  assert.deepEqual(bodies(queue.receive(10)), ['b1']);
  assert.deepEqual(bodies(queue.receive(10)), []);

  queue.delete(first?.receipt ?? '');
  assert.deepEqual(bodies(queue.receive(10)), ['a2']);
});

test('what was not deleted comes back after its visibility timeout, before what is behind it', (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: NOW });
  const queue = createQueue(fifo());
  for (const body of ['1', '2']) queue.send({ body, group: 'a', deduplication: body });

  queue.receive(1);
  t.mock.timers.tick(89_999);
  assert.deepEqual(bodies(queue.receive(2)), []);
  t.mock.timers.tick(1);
  const [again] = queue.receive(1);

  assert.deepEqual([again?.body, again?.receives], ['1', 2]);
});

test('a message can be hidden longer or shorter, only while it is taken out', (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: NOW });
  const queue = createQueue(fifo());
  queue.send({ body: '1', group: 'a', deduplication: '1' });

  const [message] = queue.receive(1);
  assert.equal(queue.hide(message?.receipt ?? '', 3), true);
  t.mock.timers.tick(3_000);
  assert.equal(queue.hide(message?.receipt ?? '', 3), false);
  assert.deepEqual(bodies(queue.receive(1)), ['1']);
});

test('a repeat within five minutes is dropped, whether or not the first is still there', (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: NOW });
  const queue = createQueue(fifo());
  const send = () => queue.send({ body: '1', group: 'a', deduplication: 'd' });

  const { id } = send();
  queue.delete(queue.receive(1)[0]?.receipt ?? '');
  assert.equal(send().id, id);
  assert.deepEqual(queue.counts(), { waiting: 0, hidden: 0 });
  t.mock.timers.tick(300_001);
  assert.notEqual(send().id, id);
  assert.deepEqual(queue.counts(), { waiting: 1, hidden: 0 });
});

test('what was taken out too often goes to the dead letters; what is too old is forgotten', (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: NOW });
  const dead = createQueue(fifo({ name: 'Dead' }));
  const queue = createQueue(fifo({ redrive: { arn: 'dead', maxReceives: 2 } }), undefined, () => dead);
  for (const body of ['1', '2']) queue.send({ body, group: 'a', deduplication: body });

  for (let time = 0; time < 2; time += 1) {
    assert.deepEqual(bodies(queue.receive(1)), ['1']);
    t.mock.timers.tick(90_000);
  }
  assert.deepEqual(bodies(queue.receive(1)), ['2']);
  assert.deepEqual(bodies(dead.receive(10)), ['1']);
  t.mock.timers.tick(86_400_001);
  assert.deepEqual(bodies(queue.receive(1)), []);
});

test('a queue goes on from what was kept of it', () => {
  const queue = createQueue(fifo());
  for (const body of ['1', '2']) queue.send({ body, group: 'a', deduplication: body });

  const again = createQueue(fifo(), JSON.parse(JSON.stringify(queue.state)));

  again.send({ body: '2', group: 'a', deduplication: '2' });
  assert.deepEqual(bodies(again.receive(10)), ['1', '2']);
});

test("the AWS SDK's client sends, receives, hides and deletes", async (t) => {
  const model = fifo();
  const queue = createQueue(model);
  const listener = await listenLocally(sqsApi([queue]));
  t.after(() => listener.close());
  const sqs = new SQSClient({ endpoint: listener.url, region: REGION, credentials: CREDENTIALS });
  t.after(() => sqs.destroy());
  const QueueUrl = model.url;
  const send = (own: object) => sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: 'ü', ...own }));

  const { SequenceNumber } = await send({ MessageGroupId: 'a', MessageDeduplicationId: '1' });
  assert.equal(typeof SequenceNumber, 'string');
  await assert.rejects(send({}), { name: 'MissingParameter' });
  await assert.rejects(send({ MessageGroupId: 'a' }), { name: 'InvalidParameterValue' });
  await assert.rejects(send({ QueueUrl: `${QueueUrl}x` }), { name: 'QueueDoesNotExist' });

  const { Messages: [message] = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
  assert.deepEqual([message?.Body, message?.Attributes?.ApproximateReceiveCount], ['ü', '1']);
  const receipt = { QueueUrl, ReceiptHandle: message?.ReceiptHandle };
  await sqs.send(new ChangeMessageVisibilityCommand({ ...receipt, VisibilityTimeout: 0 }));
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl }));
  assert.equal(Attributes?.ApproximateNumberOfMessages, '1');
  await sqs.send(new DeleteMessageCommand(receipt));
  assert.deepEqual(queue.counts(), { waiting: 0, hidden: 0 });
});

test('what a function says of a batch is read as Lambda reads it', () => {
  const ids = ['1', '2', '3'];
  const read = (payload: unknown, partial = true) =>
    failuresOf(
      { payload: typeof payload === 'string' ? payload : JSON.stringify(payload) },
      { ids, partial },
    );
  const failing = (...items: unknown[]) => ({
    batchItemFailures: items.map((itemIdentifier) => ({ itemIdentifier })),
  });

  assert.deepEqual(read({ batchItemFailures: [] }), []);
  assert.deepEqual(read({ batchItemFailures: null }), []);
  assert.deepEqual(read('null'), []);
  assert.deepEqual(read(failing('2')), ['2']);
  assert.deepEqual(read(failing('2'), false), [], 'nobody asked');
  for (const wrong of [failing('9'), failing(null), failing(''), { batchItemFailures: 'x' }])
    assert.deepEqual(read(wrong), ids);
  assert.deepEqual(failuresOf({ payload: '{}', error: 'Unhandled' }, { ids, partial: true }), ids);
});
