import '../lib/runtime/zod-jitless.ts';
import * as z from 'zod';
import { createExchangeClock } from '../lib/domain/exchange-time.ts';
import type { Log } from '../lib/domain/ports.ts';
import { settingsOf, TradingConfig } from '../lib/domain/settings.ts';
import { createDynamo, tablesFrom } from '../lib/dynamo/client.ts';
import { createLedger } from '../lib/dynamo/ledger.ts';
import { createPace } from '../lib/dynamo/pace.ts';
import { createReadBudget } from '../lib/dynamo/read-budget.ts';
import { createRunLease } from '../lib/dynamo/run-lease.ts';
import { createMexcClient } from '../lib/mexc/client.ts';
import { systemClock } from '../lib/runtime/clock.ts';
import { readConfig } from '../lib/runtime/config.ts';
import { PlaceOrderEnv, readEnv } from '../lib/runtime/env.ts';
import { httpHandler } from '../lib/runtime/handler.ts';
import { lambdaWaker } from '../lib/runtime/invoke.ts';
import { emitMetrics } from '../lib/runtime/metrics.ts';
import { nonce } from '../lib/runtime/random.ts';
import { ApiKey, cachedSecret, createSecretsClient, WebhookTokens } from '../lib/runtime/secrets.ts';
import { authenticator } from '../lib/runtime/tokens.ts';
import { meterWeight, type WeightMeter } from '../lib/runtime/weight-meter.ts';
import { type Answer, acceptAlert, type Gatekeeper } from '../lib/usecases/accept-alert.ts';
import { createCrowd } from '../lib/usecases/crowd.ts';
import { sharedReads } from '../lib/usecases/shared-reads.ts';
import type { Trading } from '../lib/usecases/trading.ts';

/** What an answer says of an order. */
const Told = z.object({ state: z.string().optional(), duplicate: z.boolean().optional() });

interface Services {
  readonly gatekeeper: Gatekeeper;
  readonly trading: Trading;
  readonly meter: WeightMeter;
}

/** `POST /webhook`: one alert becomes at most one order. Any failure of ours is a 503: a repeat is always safe. */
export const handler = httpHandler(
  { name: 'place-order', services: (log) => services(log) },
  503,
  async (event, { gatekeeper, trading, meter }) => {
    const answer = await acceptAlert(
      {
        contentType: event.headers['content-type'],
        authorization: event.headers.authorization,
        sourceAddress: event.requestContext.http.sourceIp,
        body: Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8'),
        arrival: event.requestContext.timeEpoch,
      },
      gatekeeper,
      trading,
    );
    tell(answer, meter.taken(), trading);
    return answer;
  },
);

const tell = ({ status, body }: Answer, weight: number | undefined, { clock, log }: Trading): void => {
  const refused = status >= 400 && status < 500;
  // Nothing here may fail: the order is on its way.
  const { data } = Told.safeParse(body);
  if (data?.state !== undefined && !data.duplicate)
    log.info('orders came into a state', { state: data.state, count: 1 });
  emitMetrics({ RefusedAlerts: refused ? 1 : undefined, WeightUsed: weight }, clock.now());
};

const services = (log: Log): Services => {
  const env = readEnv(PlaceOrderEnv);
  const config = readConfig(TradingConfig, import.meta.url);
  const secrets = createSecretsClient();
  const tokens = cachedSecret(env.WEBHOOK_TOKENS_SECRET, WebhookTokens, secrets, systemClock);
  const key = cachedSecret(env.TRADE_KEY_SECRET, ApiKey, secrets, systemClock);
  const dynamo = createDynamo(tablesFrom(env), systemClock);
  const exchangeClock = createExchangeClock(systemClock.now);
  const pace = createPace(dynamo);
  const meter = meterWeight(createReadBudget(dynamo));
  const client = createMexcClient({
    baseUrl: env.MEXC_REST_URL,
    credentials: () => key.value(),
    clock: systemClock,
    exchangeClock,
    readBudget: meter.budget,
    onPause: async (until, { why, deadline }) => {
      log[why === 'ban' ? 'error' : 'warn']('the exchange asked for a pause', { why, until });
      await pace.pause(until, { deadline });
    },
  });
  return {
    meter,
    gatekeeper: { allowedAddresses: config.allowedAddresses, authenticate: authenticator(tokens) },
    trading: {
      clock: systemClock,
      exchange: sharedReads(client, systemClock),
      exchangeClock,
      ledger: createLedger(dynamo),
      pace,
      lease: createRunLease(dynamo),
      crowd: createCrowd(systemClock),
      waker: lambdaWaker(env.RECONCILE_FUNCTION, log),
      log,
      nonce,
      random: Math.random,
      settingsOf: (strategy) => settingsOf(config, strategy),
    },
  };
};
