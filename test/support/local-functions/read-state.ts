import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';

const dynamodb = new DynamoDBClient();

/** Stand-in: shows its environment when invoked with `{"show":"environment"}`, all orders otherwise. */
export const handler = async (event: { show?: string }) => {
  if (event.show === 'environment') return { ...process.env };
  const { Items = [] } = await dynamodb.send(new ScanCommand({ TableName: process.env.ORDERS_TABLE }));
  return { orders: Items.map(({ id, state }) => ({ id: id?.S, state: state?.S })) };
};
