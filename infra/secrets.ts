import { CfnOutput, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { CfnSecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { withLogicalId } from './logical-id.ts';

/**
 * One secret per purpose, so that each function is granted only its own. They are created without any value:
 * nothing generated can be mistaken for a key, and no deployment ever overwrites what the operator has set.
 * Until then reading one fails with ResourceNotFoundException, which the functions answer as `not_configured`.
 */
export class Secrets extends Construct {
  /** `{"accessKey", "secretKey"}` of the key that may trade. */
  readonly tradeKey = this.#secret('TradeKey', 'MEXC key that may trade, {"accessKey","secretKey"}');

  /** The same of the key that may only read. */
  readonly readKey = this.#secret('ReadKey', 'MEXC key that may only read, {"accessKey","secretKey"}');

  /** `{strategy: token}` or, while one is being rotated, `{strategy: [token, token]}`. */
  readonly webhookTokens = this.#secret(
    'WebhookTokens',
    'Webhook tokens, {"strategy": "token" or ["token"]}',
  );

  /** Bearer token of the read API, the token itself. */
  readonly readToken = this.#secret('ReadToken', 'Bearer token of the read API, the token itself');

  /** Bearer token of the operator's control, the token itself. */
  readonly adminToken = this.#secret(
    'AdminToken',
    "Bearer token of the operator's control, the token itself",
  );

  #secret(id: string, description: string): Secret {
    const secret = new Secret(this, id, { description, removalPolicy: RemovalPolicy.RETAIN });
    const resource = secret.node.defaultChild;
    if (!(resource instanceof CfnSecret)) throw new Error(`${id} is not a secret`);
    resource.generateSecretString = undefined;
    Validations.of(secret).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason:
        'MEXC has no API to make keys and the alerting tool none to take tokens, so no rotation function could ' +
        'work. The operator rotates by writing a new value; the functions take it over without a deployment.',
    });
    const named = withLogicalId(secret, id);
    new CfnOutput(Stack.of(this), `${id}SecretName`, { value: named.secretName, description });
    return named;
  }
}
