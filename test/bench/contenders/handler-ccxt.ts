import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { DynamoDBDocumentClient, PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { createExchange } from './ccxt-mexc.ts';

// The job of `place-order` as short as it can be written with ccxt: token, alert stored once, market order, outcome
// stored. No risk, no rules, no lanes, no fills. Clients are made while the module loads, secrets read side by side.
const dynamo = DynamoDBDocumentClient.from(new DynamoDBClient({}));
const secrets = new SecretsManagerClient({});
const { ORDERS_TABLE, TRADE_KEY_SECRET, WEBHOOK_TOKENS_SECRET, MEXC_REST_URL = '' } = process.env;

const secret = async (name: string | undefined) => {
  const { SecretString = '{}' } = await secrets.send(new GetSecretValueCommand({ SecretId: name }));
  return JSON.parse(SecretString);
};
const connect = async () => {
  const [key, tokens] = await Promise.all([secret(TRADE_KEY_SECRET), secret(WEBHOOK_TOKENS_SECRET)]);
  return { tokens, exchange: createExchange(MEXC_REST_URL, key) };
};
let connected: ReturnType<typeof connect> | undefined;

export const handler = async (event: APIGatewayProxyEventV2): Promise<APIGatewayProxyStructuredResultV2> => {
  const alert = JSON.parse(event.body ?? '');
  connected ??= connect();
  const { tokens, exchange } = await connected;
  if (tokens[alert.strategy] !== alert.token) return { statusCode: 401, body: '{}' };
  await dynamo.send(
    new PutCommand({
      TableName: ORDERS_TABLE,
      Item: { id: alert.id, strategy: alert.strategy, symbol: alert.symbol, state: 'submitting' },
      ConditionExpression: 'attribute_not_exists(id)',
    }),
  );
  const symbol = `${alert.symbol.slice(0, -4)}/USDT`;
  const cost = Number(alert.quoteQuantity);
  const order = await exchange.createOrder(symbol, 'market', alert.action, 0, undefined, {
    cost,
    clientOrderId: alert.id,
  });
  await dynamo.send(
    new UpdateCommand({
      TableName: ORDERS_TABLE,
      Key: { id: alert.id },
      UpdateExpression: 'SET #state = :state, exchangeOrderId = :order',
      ExpressionAttributeNames: { '#state': 'state' },
      ExpressionAttributeValues: { ':state': 'open', ':order': order.id },
    }),
  );
  return {
    statusCode: 200,
    body: JSON.stringify({ id: alert.id, state: 'open', exchangeOrderId: order.id }),
  };
};
