import {
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  type KeySchemaElement,
  ResourceNotFoundException,
  type TableDescription,
  UpdateTableCommand,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { CREDENTIALS, REGION } from './aws.ts';
import type { TableModel } from './stack-model.ts';
import { StartError } from './start-error.ts';

/**
 * Brings the engine to the tables of the template: makes what is missing, adds indexes that are new, turns
 * streams on and off, leaves data alone.
 * @throws StartError when a table exists with other keys, which no engine can change
 */
export const createTables = async (endpoint: string, tables: readonly TableModel[]): Promise<void> => {
  const client = new DynamoDBClient({ endpoint, region: REGION, credentials: CREDENTIALS });
  try {
    await Promise.all(tables.map((table) => createTable(client, table)));
  } finally {
    client.destroy();
  }
};

const createTable = async (client: DynamoDBClient, table: TableModel): Promise<void> => {
  const existing = await describe(client, table.name);
  if (existing) {
    requireSameKeys(table, existing);
    await addIndexes(client, table, existing);
    await matchStream(client, table, existing);
    return;
  }
  const {
    KeySchema,
    AttributeDefinitions,
    GlobalSecondaryIndexes,
    TimeToLiveSpecification,
    StreamSpecification,
  } = table.properties;
  await client.send(
    new CreateTableCommand({
      TableName: table.name,
      KeySchema,
      AttributeDefinitions,
      BillingMode: 'PAY_PER_REQUEST',
      ...(GlobalSecondaryIndexes.length > 0 && { GlobalSecondaryIndexes }),
      ...(StreamSpecification && { StreamSpecification: { StreamEnabled: true, ...StreamSpecification } }),
    }),
  );
  await waitUntilTableExists(
    { client, maxWaitTime: 30, minDelay: 1, maxDelay: 1 },
    { TableName: table.name },
  );
  if (TimeToLiveSpecification) {
    await client.send(new UpdateTimeToLiveCommand({ TableName: table.name, TimeToLiveSpecification }));
  }
};

const describe = async (client: DynamoDBClient, TableName: string): Promise<TableDescription | undefined> => {
  try {
    return (await client.send(new DescribeTableCommand({ TableName }))).Table;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
};

const keysOf = (schema: readonly KeySchemaElement[] | undefined): string =>
  (schema ?? []).map(({ AttributeName, KeyType }) => `${KeyType} ${AttributeName}`).join(', ');

const requireSameKeys = ({ name, properties }: TableModel, existing: TableDescription): void => {
  const wanted = [
    ['', keysOf(properties.KeySchema), keysOf(existing.KeySchema)],
    ...properties.GlobalSecondaryIndexes.map(({ IndexName, KeySchema }) => {
      const found = existing.GlobalSecondaryIndexes?.find((index) => index.IndexName === IndexName);
      return [` index ${IndexName}`, keysOf(KeySchema), found ? keysOf(found.KeySchema) : keysOf(KeySchema)];
    }),
  ];
  for (const [what, template, database] of wanted) {
    if (template === database) continue;
    throw new StartError(
      `Table ${name}${what} has the keys ${database} in the database and ${template} in the template. Choose another DATA_DIR.`,
    );
  }
};

const addIndexes = async (
  client: DynamoDBClient,
  { name, properties }: TableModel,
  existing: TableDescription,
): Promise<void> => {
  for (const index of properties.GlobalSecondaryIndexes) {
    if (existing.GlobalSecondaryIndexes?.some(({ IndexName }) => IndexName === index.IndexName)) continue;
    await client.send(
      new UpdateTableCommand({
        TableName: name,
        AttributeDefinitions: properties.AttributeDefinitions,
        GlobalSecondaryIndexUpdates: [{ Create: index }],
      }),
    );
    await waitUntilTableExists({ client, maxWaitTime: 30, minDelay: 1, maxDelay: 1 }, { TableName: name });
  }
};

const matchStream = async (
  client: DynamoDBClient,
  { name, properties }: TableModel,
  existing: TableDescription,
): Promise<void> => {
  const wanted = properties.StreamSpecification;
  if (Boolean(wanted) === Boolean(existing.StreamSpecification?.StreamEnabled)) return;
  const StreamSpecification = wanted ? { StreamEnabled: true, ...wanted } : { StreamEnabled: false };
  await client.send(new UpdateTableCommand({ TableName: name, StreamSpecification }));
  await waitUntilTableExists({ client, maxWaitTime: 30, minDelay: 1, maxDelay: 1 }, { TableName: name });
};
