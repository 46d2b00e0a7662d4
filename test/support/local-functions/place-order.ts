import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';

const dynamodb = new DynamoDBClient();
const secrets = new SecretsManagerClient();
const lambda = new LambdaClient();

const text = (value = ''): { S: string } => ({ S: value });

/** Stand-in: keeps the body under its `id` and says which tokens it was given. Uses every AWS client as the real one does. */
export const handler = async (event: APIGatewayProxyEventV2) => {
  const { id, state } = JSON.parse(event.body ?? '{}');
  const { SecretString } = await secrets.send(
    new GetSecretValueCommand({ SecretId: process.env.WEBHOOK_TOKENS_SECRET }),
  );
  const key = { TableName: process.env.ORDERS_TABLE, Key: { id: text(id) } };
  const { Item } = await dynamodb.send(new GetItemCommand(key));
  if (!Item) {
    await dynamodb.send(
      new PutItemCommand({ TableName: process.env.ORDERS_TABLE, Item: { id: text(id), state: text(state) } }),
    );
  }
  const reconcile = {
    FunctionName: process.env.RECONCILE_FUNCTION,
    InvocationType: 'Event' as const,
    Payload: JSON.stringify({ lane: id }),
  };
  const { StatusCode } = await lambda.send(new InvokeCommand(reconcile));
  return {
    statusCode: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      id,
      state: Item?.state?.S ?? state,
      duplicate: Boolean(Item),
      tokens: SecretString,
      invoked: StatusCode,
    }),
  };
};
