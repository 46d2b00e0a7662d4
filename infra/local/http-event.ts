import { isUtf8 } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import * as z from 'zod';
import { ACCOUNT } from './aws.ts';
import { sendJson } from './http.ts';
import type { Outcome } from './runtime-process.ts';

/** Bodies of these types are passed on as text if they are UTF-8, all others in base64, as API Gateway does. */
const TEXT_TYPE = /^(text\/|application\/(json|javascript|xml)\b|application\/[^;]+\+(json|xml)\b)/i;

export interface EventParts {
  readonly routeKey: string;
  readonly pathParameters: Readonly<Record<string, string>>;
  readonly url: URL;
  readonly body: Buffer;
}

/** The event of an HTTP API, payload format 2.0. */
export const httpEvent = (
  request: IncomingMessage,
  { routeKey, pathParameters, url, body }: EventParts,
): unknown => {
  const now = new Date();
  const { cookie, ...others } = request.headers;
  const headers = Object.fromEntries(
    Object.entries(others).map(([name, value]) => [name, [value].flat().join(',')]),
  );
  const isText = TEXT_TYPE.test(headers['content-type'] ?? '') && isUtf8(body);
  const query = [...new Set(url.searchParams.keys())].map((name) => [
    name,
    url.searchParams.getAll(name).join(','),
  ]);
  return {
    version: '2.0',
    routeKey,
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    ...(cookie && { cookies: cookie.split(/; */) }),
    headers,
    ...(query.length > 0 && { queryStringParameters: Object.fromEntries(query) }),
    ...(Object.keys(pathParameters).length > 0 && { pathParameters }),
    requestContext: {
      accountId: ACCOUNT,
      apiId: 'local',
      domainName: request.headers.host ?? '127.0.0.1',
      domainPrefix: 'local',
      http: {
        method: request.method ?? 'GET',
        path: url.pathname,
        protocol: `HTTP/${request.httpVersion}`,
        sourceIp: (request.socket.remoteAddress ?? '127.0.0.1').replace(/^::ffff:/, ''),
        userAgent: request.headers['user-agent'] ?? '',
      },
      requestId: randomUUID(),
      routeKey,
      stage: '$default',
      time: gatewayTime(now),
      timeEpoch: now.getTime(),
    },
    ...(body.length > 0 && { body: body.toString(isText ? 'utf8' : 'base64') }),
    isBase64Encoded: body.length > 0 && !isText,
  };
};

/** `22/Nov/2026:10:00:00 +0000`. */
const gatewayTime = (date: Date): string => {
  const [, day, month, year, time] = date.toUTCString().split(' ');
  return `${day}/${month}/${year}:${time} +0000`;
};

const Header = z.union([z.string(), z.number(), z.boolean()]).transform(String);

const Result = z.looseObject({
  statusCode: z.coerce.number().int().min(100).max(599),
  headers: z.record(z.string(), Header).nullish(),
  cookies: z.array(z.string()).nullish(),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().nullish(),
});

/** Sends what a function returned, or API Gateway's own answer when it returned nothing usable. */
export const sendResult = (response: ServerResponse, outcome: Outcome | 'late'): void => {
  if (outcome === 'late') sendJson(response, 503, { message: 'Service Unavailable' });
  else if (outcome.error) sendJson(response, 500, { message: 'Internal Server Error' });
  else sendPayload(response, outcome.payload);
};

const sendPayload = (response: ServerResponse, payload: string): void => {
  const value: unknown = JSON.parse(payload);
  if (typeof value !== 'object' || value === null || !('statusCode' in value)) {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(typeof value === 'string' ? value : payload);
    return;
  }
  const result = Result.safeParse(value);
  if (!result.success) {
    sendJson(response, 500, { message: 'Internal Server Error' });
    return;
  }

  const { statusCode, headers, cookies, body, isBase64Encoded } = result.data;
  response.statusCode = statusCode;
  response.setHeader('content-type', 'text/plain;charset=utf-8');
  for (const [name, text] of Object.entries(headers ?? {})) response.setHeader(name, text);
  if (cookies?.length) response.setHeader('set-cookie', cookies);
  response.end(Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8'));
};
