import '../lib/runtime/zod-jitless.ts';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { CandleStore } from '../lib/domain/candle-ports.ts';
import { ReadConfig } from '../lib/domain/overview.ts';
import type { CallOptions } from '../lib/domain/ports.ts';
import { createBalances } from '../lib/dynamo/balances.ts';
import { createCandleStore } from '../lib/dynamo/candle-store.ts';
import { createDynamo, tablesFrom } from '../lib/dynamo/client.ts';
import { createLedger } from '../lib/dynamo/ledger.ts';
import { createModes } from '../lib/dynamo/modes.ts';
import { createStateReader } from '../lib/dynamo/state-reader.ts';
import { systemClock } from '../lib/runtime/clock.ts';
import { readConfig } from '../lib/runtime/config.ts';
import { type ConsoleFiles, readConsoleFiles } from '../lib/runtime/console-files.ts';
import { ReadStateEnv, readEnv } from '../lib/runtime/env.ts';
import { type HttpAnswer, httpHandler } from '../lib/runtime/handler.ts';
import { BearerToken, type CachedSecret, cachedSecret, createSecretsClient } from '../lib/runtime/secrets.ts';
import { bearerOf, sameText } from '../lib/runtime/tokens.ts';
import { balancesCsv, positionsCsv, profitCsv } from '../lib/usecases/balances-csv.ts';
import { listStoredSeries } from '../lib/usecases/list-series.ts';
import { BadQueryError } from '../lib/usecases/query.ts';
import { type BalanceReader, listBalances, listProfit } from '../lib/usecases/read-balances.ts';
import { candlesCsv, listCandles } from '../lib/usecases/read-candles.ts';
import { readEquity } from '../lib/usecases/read-equity.ts';
import { type FillReader, listFills } from '../lib/usecases/read-fills.ts';
import { type OverviewReader, readOverview } from '../lib/usecases/read-overview.ts';
import { readSequences } from '../lib/usecases/read-sequences.ts';
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
  readonly reader: StateReader & FillReader;
  readonly balances: BalanceReader;
  readonly candles: CandleStore;
  readonly overview: OverviewReader;
}

/** The operator's page needs neither token nor store. */
let consoleFiles: ConsoleFiles | undefined;

/** `GET` of the read API: orders, positions, health as JSON; and the operator's page. */
export const handler = httpHandler(
  { name: 'read-state', services: () => services() },
  500,
  async (event, built) => {
    if (event.routeKey === 'GET /' || event.routeKey === 'GET /console/{file}') return page(event);
    const options = { deadline: systemClock.now() + BUDGET };
    const authenticated = await isAuthenticated(event, built.token);
    if (event.routeKey === 'GET /health') {
      return { status: 200, body: await readHealth(authenticated, built.reader, options) };
    }
    return authenticated ? answer(event, built, options) : UNAUTHORIZED;
  },
);

const page = ({ routeKey, headers, pathParameters }: APIGatewayProxyEventV2): HttpAnswer => {
  consoleFiles ??= readConsoleFiles(import.meta.url);
  const accepts = headers['accept-encoding'];
  if (routeKey === 'GET /') return consoleFiles.page(accepts);
  return consoleFiles.script(pathParameters?.file ?? '', accepts) ?? NOT_FOUND;
};

const services = (): Services => {
  const env = readEnv(ReadStateEnv);
  const dynamo = createDynamo(tablesFrom(env), systemClock);
  const reader = createStateReader(dynamo);
  const balances = createBalances(dynamo, { balances: env.BALANCES_TABLE, profit: env.PROFIT_TABLE });
  return {
    token: cachedSecret(env.READ_TOKEN_SECRET, BearerToken, createSecretsClient(), systemClock),
    reader,
    balances,
    candles: createCandleStore(dynamo, env.CANDLES_TABLE),
    overview: {
      ledger: createLedger(dynamo),
      modes: createModes(dynamo),
      balances,
      reader,
      config: readConfig(ReadConfig, import.meta.url),
    },
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
  { reader, balances, candles, overview }: Services,
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
      case 'GET /fills':
        return { status: 200, body: await listFills(parameters, reader, options) };
      case 'GET /positions':
        return as(await listPositions(reader, options), positionsCsv);
      case 'GET /balances':
        return as(await listBalances(parameters, balances, systemClock.now(), options), balancesCsv);
      case 'GET /profit':
        return as(await listProfit(parameters, balances, systemClock.now(), options), profitCsv);
      case 'GET /candles':
        return as(await listCandles(parameters, candles, systemClock.now(), options), candlesCsv);
      case 'GET /overview':
        return { status: 200, body: await readOverview(overview, systemClock.now(), options) };
      case 'GET /equity':
        return { status: 200, body: await readEquity(parameters, balances, systemClock.now(), options) };
      case 'GET /series':
        return { status: 200, body: await listStoredSeries(candles, options) };
      case 'GET /sequences':
        return { status: 200, body: await readSequences(parameters, reader, options) };
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
