import type { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2, Context } from 'aws-lambda';
import { AppError, NotConfiguredError } from '../domain/errors.ts';
import type { Log } from '../domain/ports.ts';
import { createLogger, logTo } from './observability.ts';

/** Built once per cold start, at the first event: importing an entry point touches nothing. */
const lazily = <T>(build: () => T): (() => T) => {
  let built: { value: T } | undefined;
  return () => {
    built ??= { value: build() };
    return built.value;
  };
};

export interface HttpAnswer {
  readonly status: number;
  /** Becomes JSON, unless `contentType` says what it is: then it is text or bytes already. */
  readonly body: unknown;
  readonly contentType?: string;
  /** Beside `content-type`, and over `cache-control: no-store`. */
  readonly headers?: Readonly<Record<string, string>>;
}

export type HttpHandler = (
  event: APIGatewayProxyEventV2,
  context: Context,
) => Promise<APIGatewayProxyStructuredResultV2>;

export interface EntryPoint<Services> {
  /** Name of the deployable, as it stands on every log line. */
  readonly name: string;
  /** Builds the adapters; the only place that reads the environment. */
  readonly services: (log: Log) => Services;
}

/**
 * An HTTP entry point: services once, one call per request, errors mapped in one place.
 * @param failureStatus what an error of ours becomes; the webhook answers 503, since a repeat is always safe there
 */
export const httpHandler = <Services>(
  { name, services }: EntryPoint<Services>,
  failureStatus: 500 | 503,
  handle: (event: APIGatewayProxyEventV2, services: Services) => Promise<HttpAnswer>,
): HttpHandler => {
  const chain = lazily(() => {
    const logger = createLogger(name);
    const built = lazily(() => services(logTo(logger)));
    return middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>()
      .use(injectLambdaContext(logger, { resetKeys: true }))
      .onError((request) => {
        // What callers learn is a code; what happened is in the log.
        if (request.error) request.response = asResponse(failed(request.error, logger, failureStatus));
      })
      .handler(async (event) => asResponse(await handle(event, built())));
  });
  return async (event, context) => chain()(event, context);
};

/** An entry point for schedules and direct invocations: an error fails the invocation. */
export const eventHandler = <Services, Result>(
  { name, services }: EntryPoint<Services>,
  handle: (event: unknown, services: Services, context: Context) => Promise<Result>,
): ((event: unknown, context: Context) => Promise<Result>) => {
  const chain = lazily(() => {
    const logger = createLogger(name);
    const built = lazily(() => services(logTo(logger)));
    return middy<unknown, Result>()
      .use(injectLambdaContext(logger, { resetKeys: true }))
      .handler(async (event, context) => handle(event, built(), context));
  });
  return async (event, context) => chain()(event, context);
};

const failed = (error: Error, logger: Logger, status: 500 | 503): HttpAnswer => {
  if (error instanceof NotConfiguredError) {
    logger.warn('not configured', { reason: error.message });
    return { status: 503, body: { error: { code: error.code, message: error.message } } };
  }
  logger.error('a request failed', {
    code: error instanceof AppError ? error.code : error.name,
    reason: error.message,
  });
  return status === 503
    ? {
        status,
        body: {
          error: {
            code: 'unavailable',
            message: 'Nothing was sent for this delivery; sending the same alert again is safe.',
          },
        },
      }
    : { status, body: { error: { code: 'internal', message: 'The request failed; the log says why.' } } };
};

const JSON_TYPE = 'application/json; charset=utf-8';

const asResponse = ({
  status,
  body,
  contentType,
  headers,
}: HttpAnswer): APIGatewayProxyStructuredResultV2 => ({
  statusCode: status,
  headers: { 'content-type': contentType ?? JSON_TYPE, 'cache-control': 'no-store', ...headers },
  ...(body instanceof Uint8Array
    ? { body: Buffer.from(body).toString('base64'), isBase64Encoded: true }
    : { body: contentType !== undefined && typeof body === 'string' ? body : JSON.stringify(body) }),
});
