import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { Log, Waker } from '../domain/ports.ts';

/** Wakes `reconcile-orders` for a lane by an asynchronous invocation. A failure is logged: the next minute is the retry. */
export const lambdaWaker = (functionName: string, log: Log): Waker => {
  let client: LambdaClient | undefined;
  return {
    wake: async ({ strategy, symbol }) => {
      client ??= new LambdaClient({
        maxAttempts: 1,
        requestHandler: { connectionTimeout: 200, requestTimeout: 400, throwOnRequestTimeout: true },
      });
      try {
        await client.send(
          new InvokeCommand({
            FunctionName: functionName,
            InvocationType: 'Event',
            Payload: JSON.stringify({ lane: { strategy, symbol } }),
          }),
        );
      } catch (error) {
        log.warn('reconcile-orders could not be invoked for a lane', {
          strategy,
          symbol,
          error: String(error),
        });
      }
    },
  };
};
