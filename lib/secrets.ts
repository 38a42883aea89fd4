// Secrets, referred to by name: the stack makes none, so that none ever stands in a template.
import { ArnFormat, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Environment } from '../functions/environment.ts';
import type { DoorFunction } from './door-function.ts';
import type { ConnectionSettings } from './settings.ts';

type SecretField = Extract<keyof ConnectionSettings, `${string}SecretName`>;

/** Secrets Manager ends the ARN of a secret in a hyphen and six characters of its own. */
const secretArn = (stack: Stack, secretName: string): string =>
  stack.formatArn({
    service: 'secretsmanager',
    resource: 'secret',
    resourceName: `${secretName}-??????`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });

/** Tells a function of the connections and lets it read one kind of their secrets, and not the other. */
export const grantConnections = (
  door: DoorFunction,
  connections: Environment['CONNECTIONS'],
  secret: SecretField,
): void => {
  const stack = Stack.of(door);
  const resources = Object.values(connections).map((connection) => secretArn(stack, connection[secret]));
  door.grant('CONNECTIONS', JSON.stringify(connections), [
    new PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources }),
  ]);
};

/** Lets a function read the keys of links to the customer's page, and tells it where that page is. */
export const grantLinks = (door: DoorFunction, secretName: string, baseUrl: string): void => {
  door.grant('LINK_SECRET', secretName, [
    new PolicyStatement({
      actions: ['secretsmanager:GetSecretValue'],
      resources: [secretArn(Stack.of(door), secretName)],
    }),
  ]);
  door.grant('LINK_BASE_URL', baseUrl, []);
};

/** Lets a function read where notices to the business are posted. */
export const grantOperatorWebhook = (door: DoorFunction, secretName: string): void =>
  door.grant('OPERATOR_WEBHOOK_SECRET', secretName, [
    new PolicyStatement({
      actions: ['secretsmanager:GetSecretValue'],
      resources: [secretArn(Stack.of(door), secretName)],
    }),
  ]);
