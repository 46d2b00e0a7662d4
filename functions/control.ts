import '../lib/runtime/zod-jitless.ts';
import { AppError } from '../lib/domain/errors.ts';
import { createExchangeClock } from '../lib/domain/exchange-time.ts';
import type { Log } from '../lib/domain/ports.ts';
import { settingsOf, TradingConfig } from '../lib/domain/settings.ts';
import { createBalances } from '../lib/dynamo/balances.ts';
import { createDynamo, tablesFrom } from '../lib/dynamo/client.ts';
import { createLedger } from '../lib/dynamo/ledger.ts';
import { createModes } from '../lib/dynamo/modes.ts';
import { createReadBudget } from '../lib/dynamo/read-budget.ts';
import { openSession } from '../lib/mexc/session.ts';
import { systemClock } from '../lib/runtime/clock.ts';
import { readConfig } from '../lib/runtime/config.ts';
import { ControlEnv, readEnv } from '../lib/runtime/env.ts';
import { type HttpAnswer, httpHandler } from '../lib/runtime/handler.ts';
import { nonce } from '../lib/runtime/random.ts';
import {
  BearerToken,
  type CachedSecret,
  cachedSecret,
  createSecretsClient,
  WebhookTokens,
} from '../lib/runtime/secrets.ts';
import { lambdaStarter } from '../lib/runtime/start-run.ts';
import { bearerOf, sameText } from '../lib/runtime/tokens.ts';
import type { Controlling } from '../lib/usecases/controlling.ts';
import { putControl } from '../lib/usecases/put-control.ts';
import { showControl } from '../lib/usecases/show-control.ts';

/** Time that one answer may take, ms: less than API Gateway waits, with room for a cold start. */
const BUDGET = 25_000;
/** After a wrong token the secret is read again if what is kept is older than this, ms: a new token works at once. */
const RECHECK = 15_000;

interface Services {
  readonly token: CachedSecret<string>;
  readonly control: Controlling;
}

/** `GET` and `PUT /control`: the operator's modes and commands. */
export const handler = httpHandler(
  { name: 'control', services: (log) => services(log) },
  500,
  async (event, { token, control }): Promise<HttpAnswer> => {
    const options = { deadline: systemClock.now() + BUDGET };
    const given = bearerOf(event.headers.authorization) ?? '';
    const known = sameText(given, await token.value()) || sameText(given, await token.value(RECHECK));
    if (!known) return UNAUTHORIZED;
    if (event.routeKey === 'GET /control') return { status: 200, body: await showControl(control, options) };
    const body = Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
    const delivery = { contentType: event.headers['content-type'], body, secrets: [await token.value()] };
    return putControl(delivery, control, options);
  },
);

const services = (log: Log): Services => {
  const env = readEnv(ControlEnv);
  const config = readConfig(TradingConfig, import.meta.url);
  const secrets = createSecretsClient();
  const webhookTokens = cachedSecret(env.WEBHOOK_TOKENS_SECRET, WebhookTokens, secrets, systemClock);
  const dynamo = createDynamo(tablesFrom(env), systemClock);
  const { caller } = openSession({
    baseUrl: env.MEXC_REST_URL,
    // It only asks for the time, which anybody may.
    credentials: () => Promise.reject(new AppError('no_key', 'control has no key of the exchange')),
    clock: systemClock,
    exchangeClock: createExchangeClock(systemClock.now),
    readBudget: createReadBudget(dynamo),
  });
  return {
    token: cachedSecret(env.ADMIN_TOKEN_SECRET, BearerToken, secrets, systemClock),
    control: {
      clock: systemClock,
      ledger: createLedger(dynamo),
      modes: createModes(dynamo),
      balances: createBalances(dynamo, { balances: env.BALANCES_TABLE, profit: '' }),
      measureTime: caller.measureTime,
      startRun: lambdaStarter(env.RECONCILE_FUNCTION, log),
      configured: Object.keys(config.strategies),
      withToken: async () => {
        try {
          return Object.keys(await webhookTokens.value());
        } catch (error) {
          // A halt must not wait for the webhook to be configured.
          if (!(error instanceof AppError)) throw error;
          log.warn('the names of the webhook tokens could not be read', { reason: error.message });
          return [];
        }
      },
      settingsOf: (strategy) => settingsOf(config, strategy),
      log,
      nonce,
    },
  };
};

const UNAUTHORIZED: HttpAnswer = {
  status: 401,
  body: {
    error: {
      code: 'unauthorized',
      message: 'The admin token is missing or wrong: Authorization: Bearer <token>.',
    },
  },
};
