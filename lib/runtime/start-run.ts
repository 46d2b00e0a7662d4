import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { Log } from '../domain/ports.ts';

/**
 * Starts a run of `reconcile-orders` for the operator's commands by an asynchronous invocation. A failure is logged: the next
 * minute is the retry.
 */
export const lambdaStarter = (functionName: string, log: Log): (() => Promise<void>) => {
  let client: LambdaClient | undefined;
  return async () => {
    client ??= new LambdaClient({
      maxAttempts: 2,
      requestHandler: { connectionTimeout: 300, requestTimeout: 800, throwOnRequestTimeout: true },
    });
    try {
      await client.send(
        new InvokeCommand({
          FunctionName: functionName,
          InvocationType: 'Event',
          Payload: JSON.stringify({ commands: true }),
        }),
      );
    } catch (error) {
      log.warn('reconcile-orders could not be invoked for a command', { error: String(error) });
    }
  };
};
