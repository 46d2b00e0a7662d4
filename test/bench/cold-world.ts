import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { readAssembly } from '../../infra/local/assembly.ts';
import { CREDENTIALS, REGION } from '../../infra/local/aws.ts';
import { startEngine } from '../../infra/local/dynamo-engine.ts';
import { createTables } from '../../infra/local/dynamo-tables.ts';
import type { RuntimeSpec } from '../../infra/local/runtime-process.ts';
import { serveSecrets } from '../../infra/local/secrets-server.ts';
import { type FunctionModel, modelOf } from '../../infra/local/stack-model.ts';
import type { SymbolRules } from '../../lib/domain/exchange.ts';
import { tablesFrom } from '../../lib/dynamo/client.ts';
import { createLedger } from '../../lib/dynamo/ledger.ts';
import { systemClock } from '../../lib/runtime/clock.ts';
import { PlaceOrderEnv } from '../../lib/runtime/env.ts';
import { startProgram } from './programs.ts';

/** Rules of the one symbol that is traded, as `reconcile-orders` would have stored them. */
const SOL: SymbolRules = {
  symbol: 'SOLUSDT',
  baseAsset: 'SOL',
  quoteAsset: 'USDT',
  online: true,
  openToApi: true,
  buyAllowed: true,
  sellAllowed: true,
  orderTypes: ['LIMIT', 'MARKET', 'LIMIT_MAKER'],
  quantityDecimals: 5,
  priceDecimals: 2,
  minQuantity: '0.0001',
  minAmount: '1',
  minAmountMarket: '1',
  takerCommission: '0.0005',
  refreshedAt: 0,
};

/** One for each start: an order whose fills came too late to be read back holds its lane, and nobody settles it here. */
export const COLD_STRATEGIES = Array.from({ length: 60 }, (_, n) => `demo-${n}`);

const SECRETS: Record<string, string> = {
  TradeKey: JSON.stringify({
    accessKey: 'mx0vglBenchAccessKey',
    secretKey: '0123456789abcdef0123456789abcdef',
  }),
  WebhookTokens: JSON.stringify(Object.fromEntries(COLD_STRATEGIES.map((name) => [name, 'demo-token']))),
};

export interface ColdWorld {
  /** `place-order` as the template describes it. */
  readonly placeOrder: FunctionModel;
  /** The same environment around another bundle. */
  spec(name: string, folder: string): RuntimeSpec;
  /** Stores what the minutely run of `reconcile-orders` keeps fresh. */
  refresh(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * What a function finds when it starts: the tables on a real engine, secrets, the responder as exchange.
 * @param assembly folder of the synthesized template
 */
export const openColdWorld = async (assembly: string, dataDir: string): Promise<ColdWorld> => {
  const parts = new AsyncDisposableStack();
  const model = modelOf(readAssembly(assembly), 'http://127.0.0.1');
  const placeOrder = model.functions.find(({ name }) => name === 'place-order');
  if (!placeOrder) throw new Error('the template has no place-order');

  const engine = parts.adopt(await startEngine({ dataDir, dynamodbEndpoint: undefined }, () => {}), (it) =>
    it.stop(),
  );
  await createTables(engine.endpoint, model.tables);
  const secrets = parts.adopt(await serveSecrets(), (it) => it.close());
  for (const { logicalId, name } of model.secrets)
    secrets.create({ name: logicalId, arn: name, value: SECRETS[logicalId] });
  const responder = parts.adopt(await startProgram('responder'), (it) => it.stop());

  const variables = { ...placeOrder.environment, MEXC_REST_URL: responder.url };
  const client = new DynamoDBClient({ endpoint: engine.endpoint, region: REGION, credentials: CREDENTIALS });
  parts.defer(() => client.destroy());
  const ledger = createLedger({
    client: DynamoDBDocumentClient.from(client, {
      marshallOptions: { removeUndefinedValues: true },
      unmarshallOptions: { wrapNumbers: true },
    }),
    tables: tablesFrom(PlaceOrderEnv.parse(variables)),
    clock: systemClock,
  });

  return {
    placeOrder,
    spec: (name, folder) => ({
      name,
      memorySize: placeOrder.memorySize,
      timeoutSeconds: placeOrder.timeoutSeconds,
      environment: {
        ...variables,
        _HANDLER: placeOrder.handler,
        LAMBDA_TASK_ROOT: folder,
        AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x',
        AWS_LAMBDA_FUNCTION_NAME: name,
        AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(placeOrder.memorySize),
        AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
        AWS_LAMBDA_LOG_FORMAT: placeOrder.logFormat,
        AWS_LAMBDA_LOG_GROUP_NAME: `/aws/lambda/${name}`,
        AWS_LAMBDA_LOG_STREAM_NAME: 'bench',
        AWS_REGION: REGION,
        AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
        AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
        AWS_ENDPOINT_URL_DYNAMODB: engine.endpoint,
        AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url,
      },
    }),
    refresh: async () => {
      const now = systemClock.now();
      const soon = { deadline: now + 5_000 };
      for (const strategy of COLD_STRATEGIES) await ledger.ensureStrategy(strategy, soon);
      await ledger.saveRules([{ ...SOL, refreshedAt: now }], soon);
      await ledger.saveTime({ offset: 0, uncertainty: 2, measuredAt: now, own: true }, soon);
    },
    stop: () => parts.disposeAsync(),
  };
};
