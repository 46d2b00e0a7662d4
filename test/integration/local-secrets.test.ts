import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  ResourceExistsException,
  ResourceNotFoundException,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { CREDENTIALS, REGION } from '../../infra/local/aws.ts';
import { type SecretsServer, serveSecrets } from '../../infra/local/secrets-server.ts';

let server: SecretsServer;
let client: SecretsManagerClient;

before(async () => {
  server = await serveSecrets();
  client = new SecretsManagerClient({ endpoint: server.url, region: REGION, credentials: CREDENTIALS });
});
after(async () => {
  client.destroy();
  await server.close();
});

const read = async (id: string, stage?: string) =>
  (await client.send(new GetSecretValueCommand({ SecretId: id, VersionStage: stage }))).SecretString;

test('a value is read by name, by ARN and by ARN without its suffix', async () => {
  const { ARN = '' } = await client.send(
    new CreateSecretCommand({ Name: 'by-any-name', SecretString: 'v1' }),
  );

  assert.deepEqual(await Promise.all(['by-any-name', ARN, ARN.slice(0, -7)].map((id) => read(id))), [
    'v1',
    'v1',
    'v1',
  ]);
});

test('a rotation makes the new value current and keeps the one before it', async () => {
  await client.send(new CreateSecretCommand({ Name: 'rotated', SecretString: 'v1' }));
  await client.send(new PutSecretValueCommand({ SecretId: 'rotated', SecretString: 'v2' }));
  const { VersionId = '' } = await client.send(
    new PutSecretValueCommand({ SecretId: 'rotated', SecretString: 'v3' }),
  );

  assert.equal(await read('rotated'), 'v3');
  assert.equal(await read('rotated', 'AWSPREVIOUS'), 'v2');
  const { VersionIdsToStages = {} } = await client.send(new DescribeSecretCommand({ SecretId: 'rotated' }));
  assert.deepEqual(VersionIdsToStages[VersionId], ['AWSCURRENT']);
  assert.equal(
    Object.keys(VersionIdsToStages).length,
    2,
    'the value before the previous one has no stage any more',
  );
});

test('a secret that was created without a value has none to read', async () => {
  server.create({ name: 'empty' });

  await assert.rejects(read('empty'), (error) => {
    assert.ok(error instanceof ResourceNotFoundException);
    assert.match(error.message, /value for staging label: AWSCURRENT/);
    return true;
  });
});

test('an unknown secret, and a name that is taken, are refused as the service does', async () => {
  await assert.rejects(read('nowhere'), ResourceNotFoundException);
  await client.send(new CreateSecretCommand({ Name: 'taken', SecretString: 'v1' }));
  await assert.rejects(
    client.send(new CreateSecretCommand({ Name: 'taken', SecretString: 'v2' })),
    ResourceExistsException,
  );
});

test('a repeated put with the same token is one version; with another value it is refused', async () => {
  await client.send(new CreateSecretCommand({ Name: 'repeated', SecretString: 'v1' }));
  const ClientRequestToken = '00000000-0000-4000-8000-000000000001';
  const put = (SecretString: string) =>
    client.send(new PutSecretValueCommand({ SecretId: 'repeated', SecretString, ClientRequestToken }));

  await put('v2');
  await put('v2');
  await assert.rejects(put('v3'), ResourceExistsException);
  assert.equal(await read('repeated', 'AWSPREVIOUS'), 'v1');
});

test('binary values come back as they were', async () => {
  const SecretBinary = Uint8Array.from([0, 255, 128, 10]);
  await client.send(new CreateSecretCommand({ Name: 'binary', SecretBinary }));

  const value = await client.send(new GetSecretValueCommand({ SecretId: 'binary' }));
  assert.deepEqual(value.SecretBinary, SecretBinary);
});
