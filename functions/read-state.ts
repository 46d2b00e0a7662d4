import '../lib/runtime/zod-jitless.ts';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { CandleStore } from '../lib/domain/candle-ports.ts';
import type { CallOptions } from '../lib/domain/ports.ts';
import { createBalances } from '../lib/dynamo/balances.ts';
import { createCandleStore } from '../lib/dynamo/candle-store.ts';
import { createDynamo, tablesFrom } from '../lib/dynamo/client.ts';
import { createStateReader } from '../lib/dynamo/state-reader.ts';
import { systemClock } from '../lib/runtime/clock.ts';
import { ReadStateEnv, readEnv } from '../lib/runtime/env.ts';
import { type HttpAnswer, httpHandler } from '../lib/runtime/handler.ts';
import { BearerToken, type CachedSecret, cachedSecret, createSecretsClient } from '../lib/runtime/secrets.ts';
import { bearerOf, sameText } from '../lib/runtime/tokens.ts';
import { balancesCsv, positionsCsv, profitCsv } from '../lib/usecases/balances-csv.ts';
import { BadQueryError } from '../lib/usecases/query.ts';
import { type BalanceReader, listBalances, listProfit } from '../lib/usecases/read-balances.ts';
import { candlesCsv, listCandles } from '../lib/usecases/read-candles.ts';
import {
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
  readonly balances: BalanceReader;
  readonly candles: CandleStore;
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
    return authenticated ? answer(event, built, options) : UNAUTHORIZED;
  },
);

const services = (): Services => {
  const env = readEnv(ReadStateEnv);
  const dynamo = createDynamo(tablesFrom(env), systemClock);
  return {
    token: cachedSecret(env.READ_TOKEN_SECRET, BearerToken, createSecretsClient(), systemClock),
    reader: createStateReader(dynamo),
    balances: createBalances(dynamo, { balances: env.BALANCES_TABLE, profit: env.PROFIT_TABLE }),
    candles: createCandleStore(dynamo, env.CANDLES_TABLE),
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
  { reader, balances, candles }: Services,
  options: CallOptions,
): Promise<HttpAnswer> => {
  const parameters = event.queryStringParameters ?? {};
  const as = <Body>(body: Body, csv: (body: Body) => string): HttpAnswer =>
    /\btext\/csv\b/i.test(event.headers.accept ?? '')
      ? { status: 200, body: csv(body), contentType: 'text/csv; charset=utf-8' }
      : { status: 200, body };
  try {
    switch (event.routeKey) {
      case 'GET /orders':
        return { status: 200, body: await listOrders(parameters, reader, options) };
      case 'GET /orders/{id}': {
        const order = await readOrder(event.pathParameters?.id ?? '', reader, options);
        return order ? { status: 200, body: order } : NOT_FOUND;
      }
      case 'GET /positions':
        return as(await listPositions(reader, options), positionsCsv);
      case 'GET /balances':
        return as(await listBalances(parameters, balances, systemClock.now(), options), balancesCsv);
      case 'GET /profit':
        return as(await listProfit(parameters, balances, systemClock.now(), options), profitCsv);
      case 'GET /candles':
        return as(await listCandles(parameters, candles, systemClock.now(), options), candlesCsv);
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
