// One Lambda: its pre-built bundle, its log, and a role that may do nothing until something is granted.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { VariableName } from '../functions/environment.ts';
import { acknowledge } from './nag.ts';
import type { StageName, StageSettings } from './settings.ts';

/** The functions, named after their entry points in `functions/lambda`. */
export type DoorName =
  | 'receive-webhook'
  | 'run-due-actions'
  | 'record-delivery'
  | 'reconcile'
  | 'look-ahead'
  | 'customer-page'
  | 'finance-api'
  | 'export'
  | 'digest';

export type DoorProps = {
  readonly door: DoorName;
  readonly stage: StageName;
  readonly settings: StageSettings;
  /** The folder with all bundles. */
  readonly bundles: string;
  readonly does: string;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  readonly reservedConcurrency?: number;
};

/** The folder of a bundle. Throws when it was not built. */
const bundleOf = (door: DoorName, bundles: string): string => {
  const folder = join(bundles, door);
  if (existsSync(join(folder, 'index.js'))) return folder;
  throw new Error(`the bundle of ${door} is missing: run "npm run bundle" first`);
};

export class DoorFunction extends Construct {
  readonly door: DoorName;
  readonly fn: Function;
  readonly #stage: StageName;

  constructor(scope: Construct, id: string, props: DoorProps) {
    super(scope, id);
    const { door, stage, settings } = props;
    this.door = door;
    this.#stage = stage;
    const logGroup = new LogGroup(this, 'Log', {
      logGroupName: `/recoup/${stage}/${door}`,
      retention: settings.logDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    // A role of our own: the managed one may write to every log of the account.
    const role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);
    this.fn = new Function(this, 'Function', {
      description: props.does,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      code: Code.fromAsset(bundleOf(door, props.bundles)),
      handler: 'index.handler',
      role,
      logGroup,
      memorySize: props.memoryMb,
      timeout: Duration.seconds(props.timeoutSeconds),
      tracing: settings.tracing ? Tracing.ACTIVE : Tracing.DISABLED,
      ...(props.reservedConcurrency === undefined
        ? {}
        : { reservedConcurrentExecutions: props.reservedConcurrency }),
    });
    if (settings.tracing)
      acknowledge(role, 'AwsSolutions-IAM5[Resource::*]', 'X-Ray takes no narrower resource.');
    this.grant('STAGE', stage, []);
  }

  /** Gives the function a variable together with the permissions that it needs to be of use. */
  grant(variable: VariableName, value: string, permissions: readonly PolicyStatement[]): void {
    this.fn.addEnvironment(variable, value);
    for (const statement of permissions) this.fn.addToRolePolicy(statement);
  }

  /** A metric that the function's own code counts. */
  counted(metricName: string, options: MetricOptions = {}): Metric {
    return new Metric({
      namespace: 'Recoup',
      metricName,
      dimensionsMap: { service: this.door, stage: this.#stage },
      statistic: 'Sum',
      ...options,
    });
  }
}
