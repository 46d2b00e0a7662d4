import { REGION } from './aws.ts';
import { failuresOf } from './batch-outcome.ts';
import type { QueueMapping } from './event-model.ts';
import type { LambdaService } from './lambda-service.ts';
import type { LocalQueue } from './queue.ts';
import { attributesOf, md5 } from './sqs-api.ts';

/**
 * Gives a queue's messages to a function until the signal, one batch at a time. What the function did is deleted; what it did
 * not shows up again when it is no longer hidden.
 */
export const followQueue = async (
  mapping: QueueMapping,
  queue: LocalQueue,
  lambda: Pick<LambdaService, 'invoke'>,
  signal: AbortSignal,
): Promise<void> => {
  while (!signal.aborted) {
    const batch = queue.receive(mapping.batchSize);
    if (batch.length === 0) {
      await queue.changed(signal);
      continue;
    }
    const receipts = new Map(batch.map(({ id, receipt = '' }) => [id, receipt]));
    const event = {
      Records: batch.map((message) => ({
        messageId: message.id,
        receiptHandle: message.receipt,
        body: message.body,
        attributes: attributesOf(message),
        messageAttributes: {},
        md5OfBody: md5(message.body),
        eventSource: 'aws:sqs',
        eventSourceARN: queue.model.arn,
        awsRegion: REGION,
      })),
    };
    const outcome = await lambda.invoke(mapping.functionName, JSON.stringify(event));
    const failed = failuresOf(outcome, { ids: [...receipts.keys()], partial: mapping.partial });
    for (const [id, receipt] of receipts) if (!failed.includes(id)) queue.delete(receipt);
  }
};
