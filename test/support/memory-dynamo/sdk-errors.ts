import {
  ConditionalCheckFailedException,
  DynamoDBServiceException,
  IdempotentParameterMismatchException,
  InternalServerError,
  ProvisionedThroughputExceededException,
  RequestLimitExceeded,
  ResourceNotFoundException,
  ThrottlingException,
  TransactionCanceledException,
  TransactionConflictException,
  TransactionInProgressException,
} from '@aws-sdk/client-dynamodb';
import type { Instead } from './faults.ts';
import { Refusal } from './refusal.ts';
import { canceled } from './transactions.ts';

const CLASSES = {
  ConditionalCheckFailedException,
  IdempotentParameterMismatchException,
  InternalServerError,
  ProvisionedThroughputExceededException,
  RequestLimitExceeded,
  ResourceNotFoundException,
  ThrottlingException,
  TransactionCanceledException,
  TransactionConflictException,
  TransactionInProgressException,
};

const isClass = (type: string): type is keyof typeof CLASSES => Object.hasOwn(CLASSES, type);

/** The error that the SDK makes of an answer: its own class where it has one. */
export const sdkError = ({ type, status, message, more }: Refusal): Error => {
  const $metadata = { httpStatusCode: status };
  if (isClass(type)) return Object.assign(new CLASSES[type]({ message, $metadata }), more);
  return new DynamoDBServiceException({
    name: type,
    $fault: status < 500 ? 'client' : 'server',
    message,
    $metadata,
  });
};

/** An answer of the service to a request that it did not carry out. @param items in the transaction, none if it is not one */
export const refusalInstead = (instead: Instead, items: number | undefined): Refusal => {
  switch (instead.kind) {
    case 'conflict': {
      if (items === undefined)
        return new Refusal('TransactionConflictException', 'Transaction is ongoing for the item');
      const hit = instead.item ?? 0;
      return canceled(
        Array.from({ length: items }, (_, index) =>
          index === hit % items
            ? { Code: 'TransactionConflict', Message: 'Transaction is ongoing for the item' }
            : { Code: 'None' },
        ),
      );
    }
    case 'throughput':
      return new Refusal(
        'ProvisionedThroughputExceededException',
        'The level of configured provisioned throughput for the table was exceeded.',
      );
    case 'throttled':
      return new Refusal(
        'ThrottlingException',
        'Throughput exceeds the current capacity of your table or index.',
      );
    case 'in-progress':
      return new Refusal(
        'TransactionInProgressException',
        'The transaction with the given request token is already in progress.',
      );
    case 'server-error':
      return instead.status === 500
        ? new Refusal('InternalServerError', 'Internal server error', 500)
        : new Refusal('ServiceUnavailable', 'Service unavailable', 503);
  }
};

/** A connection that was reset, as the SDK's handler words it. */
export const resetError = (): Error =>
  Object.assign(new Error('read ECONNRESET'), { name: 'TimeoutError', code: 'ECONNRESET' });

/** A request that got no answer in the time it may take, as the SDK's handler words it. */
export const timeoutError = (ms: number): Error =>
  Object.assign(
    new Error(
      `@smithy/node-http-handler - [ERROR] a request has exceeded the configured ${ms} ms requestTimeout.`,
    ),
    { name: 'TimeoutError', code: 'ETIMEDOUT' },
  );

/** What a signal that has ended makes of a request. */
export const abortError = (): Error => Object.assign(new Error('Request aborted'), { name: 'AbortError' });
