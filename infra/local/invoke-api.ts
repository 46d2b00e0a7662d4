import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { arnOf } from './aws.ts';
import { readBody, sendJson } from './http.ts';
import type { LambdaService } from './lambda-service.ts';

const PATH = /^\/2015-03-31\/functions\/([^/]+)\/invocations\/?$/;
const MOST_BYTES = { RequestResponse: 6_291_556, Event: 1_048_576 };

/** The function that a path of Lambda's Invoke operation names; undefined: not such a path. */
export const invokedName = (path: string): string | undefined => {
  const name = PATH.exec(path)?.[1];
  return name === undefined ? undefined : decodeURIComponent(name);
};

/** Lambda's Invoke operation, as the AWS SDK calls it. */
export const handleInvoke = async (
  lambda: LambdaService,
  nameOrArn: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const headers = { 'x-amzn-requestid': randomUUID() };
  const refuse = (status: number, code: string, message: string) =>
    sendJson(
      response,
      status,
      { Type: 'User', Message: message, message },
      { ...headers, 'x-amzn-errortype': code },
    );

  if (request.method !== 'POST') return refuse(405, 'MethodNotAllowed', 'Functions are invoked by POST.');
  const name = lambda.find(nameOrArn);
  if (!name)
    return refuse(
      404,
      'ResourceNotFoundException',
      `Function not found: ${arnOf('lambda', `function:${nameOrArn}`)}`,
    );

  const type = String(request.headers['x-amz-invocation-type'] ?? 'RequestResponse');
  if (type !== 'RequestResponse' && type !== 'Event' && type !== 'DryRun') {
    return refuse(400, 'InvalidParameterValueException', `Unknown invocation type ${type}.`);
  }
  const most = MOST_BYTES[type === 'Event' ? 'Event' : 'RequestResponse'];
  const body = await readBody(request, most);
  if (!body)
    return refuse(413, 'RequestTooLargeException', `The payload must not be larger than ${most} bytes.`);
  const payload = body.length === 0 ? '{}' : body.toString('utf8');
  if (!isJson(payload))
    return refuse(400, 'InvalidRequestContentException', 'Could not parse request body into json.');

  if (type === 'DryRun') {
    response.writeHead(204, headers).end();
    return;
  }
  if (type === 'Event') {
    lambda.invokeAsync(name, payload);
    response.writeHead(202, headers).end();
    return;
  }
  const outcome = await lambda.invoke(name, payload);
  response.writeHead(200, {
    ...headers,
    'content-type': 'application/json',
    'x-amz-executed-version': '$LATEST',
    ...(outcome.error && { 'x-amz-function-error': outcome.error }),
  });
  response.end(outcome.payload);
};

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};
