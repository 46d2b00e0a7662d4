import '../lib/runtime/zod-jitless.ts';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { CallOptions } from '../lib/domain/ports.ts';
import { createDynamo, tablesFrom } from '../lib/dynamo/client.ts';
import { createStateReader } from '../lib/dynamo/state-reader.ts';
import { systemClock } from '../lib/runtime/clock.ts';
import { ReadStateEnv, readEnv } from '../lib/runtime/env.ts';
import { type HttpAnswer, httpHandler } from '../lib/runtime/handler.ts';
import { BearerToken, type CachedSecret, cachedSecret, createSecretsClient } from '../lib/runtime/secrets.ts';
import { bearerOf, sameText } from '../lib/runtime/tokens.ts';
import {
  BadQueryError,
  listOrders,
  listPositions,
  readHealth,
  readOrder,
  type StateReader,
} from '../lib/usecases/read-state.ts';

/** Time that one answer may take, ms. */
const BUDGET = 8_000;

interface Services {
  readonly token: CachedSecret<string>;
  readonly reader: StateReader;
}

/** `GET` of the read API: orders, positions, health as JSON. */
export const handler = httpHandler(
  { name: 'read-state', services: () => services() },
  500,
  async (event, built) => {
    const options = { deadline: systemClock.now() + BUDGET };
    const authenticated = await isAuthenticated(event, built.token);
    if (event.routeKey === 'GET /health') {
      return { status: 200, body: await readHealth(authenticated, built.reader, options) };
    }
    return authenticated ? answer(event, built.reader, options) : UNAUTHORIZED;
  },
);

const services = (): Services => {
  const env = readEnv(ReadStateEnv);
  return {
    token: cachedSecret(env.READ_TOKEN_SECRET, BearerToken, createSecretsClient(), systemClock),
    reader: createStateReader(createDynamo(tablesFrom(env), systemClock)),
  };
};

const isAuthenticated = async (
  { headers, routeKey }: APIGatewayProxyEventV2,
  token: CachedSecret<string>,
): Promise<boolean> => {
  const given = bearerOf(headers.authorization);
  // Health needs no token, so it needs no secret either.
  if (given === undefined && routeKey === 'GET /health') return false;
  return sameText(given ?? '', await token.value());
};

const answer = async (
  event: APIGatewayProxyEventV2,
  reader: StateReader,
  options: CallOptions,
): Promise<HttpAnswer> => {
  try {
    switch (event.routeKey) {
      case 'GET /orders':
        return { status: 200, body: await listOrders(event.queryStringParameters ?? {}, reader, options) };
      case 'GET /orders/{id}': {
        const order = await readOrder(event.pathParameters?.id ?? '', reader, options);
        return order ? { status: 200, body: order } : NOT_FOUND;
      }
      case 'GET /positions':
        return { status: 200, body: await listPositions(reader, options) };
      default:
        return NOT_FOUND;
    }
  } catch (error) {
    if (!(error instanceof BadQueryError)) throw error;
    const { code, path, message } = error;
    return {
      status: 422,
      body: { error: { code, message: `${path} ${message}`, details: [{ path, message }] } },
    };
  }
};

const UNAUTHORIZED: HttpAnswer = {
  status: 401,
  body: {
    error: {
      code: 'unauthorized',
      message: 'The read token is missing or wrong: Authorization: Bearer <token>.',
    },
  },
};

const NOT_FOUND: HttpAnswer = {
  status: 404,
  body: { error: { code: 'not_found', message: 'There is no such thing here.' } },
};
