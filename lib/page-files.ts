// The files of the finance page: a private bucket, and how each deployment puts the built page and its settings into it.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { RemovalPolicy, Stack, type CfnResource } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal, type IRole } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  ObjectOwnership,
  type IBucket,
} from 'aws-cdk-lib/aws-s3';
import {
  BucketDeployment,
  CacheControl,
  Source,
  type BucketDeploymentProps,
  type ISource,
} from 'aws-cdk-lib/aws-s3-deployment';
import { Construct } from 'constructs';
import { acknowledge } from './nag.ts';
import type { StageName, StageSettings } from './settings.ts';

/** Files here have a hash of what is in them in their names, and so never change. */
export const HASHED = 'assets/*';

/** The folder of the built page. Throws when it was not built. */
const pageIn = (bundles: string): string => {
  const folder = join(bundles, 'finance-page');
  if (existsSync(join(folder, 'index.html'))) return folder;
  throw new Error('the finance page is missing: run "npm run bundle" first');
};

/** Closed to everybody but the distribution. What is in it is built anew for every deployment, so it goes with the stack. */
const createBucket = (scope: Construct): IBucket => {
  const bucket = new Bucket(scope, 'Bucket', {
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    encryption: BucketEncryption.S3_MANAGED,
    enforceSSL: true,
    removalPolicy: RemovalPolicy.DESTROY,
    autoDeleteObjects: true,
  });
  acknowledge(
    bucket,
    'AwsSolutions-S1',
    'It holds the files of a page, the same for everybody who loads them.',
  );
  // TypeScript holds `undefined` of the class against a field that the interface may leave out.
  return bucket as IBucket;
};

/** May list, put and take away what is in this bucket. */
const createRole = (scope: Construct, bucket: IBucket): Role => {
  const role = new Role(scope, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  role.addToPolicy(new PolicyStatement({ actions: ['s3:ListBucket'], resources: [bucket.bucketArn] }));
  role.addToPolicy(
    new PolicyStatement({
      actions: ['s3:PutObject', 's3:DeleteObject'],
      resources: [bucket.arnForObjects('*')],
    }),
  );
  const name = Stack.of(scope).getLogicalId(bucket.node.defaultChild as CfnResource);
  acknowledge(role, `AwsSolutions-IAM5[Resource::<${name}.Arn>/*]`, 'The names of its files hold hashes.');
  return role;
};

/** Lets a role read a source, and nothing else in the bucket where the CDK puts all of them. */
const readBy =
  (role: Role) =>
  (source: ISource): ISource => ({
    bind: (scope, context) => {
      const config = source.bind(scope, context);
      const resources = [config.bucket.arnForObjects(config.zipObjectKey)];
      role.addToPolicy(new PolicyStatement({ actions: ['s3:GetObject'], resources }));
      return config;
    },
  });

export type PageFilesProps = {
  readonly stage: StageName;
  readonly settings: StageSettings;
  /** The folder that the folder of the built page stands in. */
  readonly bundles: string;
};

export class PageFiles extends Construct {
  readonly bucket: IBucket;
  readonly #folder: string;
  readonly #role: Role;
  readonly #fixed: Omit<BucketDeploymentProps, 'sources'>;

  constructor(scope: Construct, id: string, { stage, settings, bundles }: PageFilesProps) {
    super(scope, id);
    this.#folder = pageIn(bundles);
    this.bucket = createBucket(this);
    const logGroup = new LogGroup(this, 'Log', {
      logGroupName: `/recoup/${stage}/finance-page`,
      retention: settings.logDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.#role = createRole(this, this.bucket);
    logGroup.grantWrite(this.#role);
    // A role of our own, to which the CDK adds nothing: its own may write to every log of the account and read every asset.
    const role: IRole = this.#role.withoutPolicyUpdates();
    this.#fixed = { destinationBucket: this.bucket, role, logGroup };
  }

  /**
   * Puts the page there, with what it reads at its start as `config.json`: first the files that never change, then those that lead to
   * them. Files of earlier pages stay, for whoever has one of them open.
   */
  publish(config: object): void {
    const page = Source.asset(this.#folder);
    const hashed = this.#put('Hashed', [page], {
      exclude: ['*'],
      include: [HASHED],
      prune: false,
      cacheControl: [CacheControl.fromString('public, max-age=31536000, immutable')],
    });
    const rest = this.#put('Rest', [page, Source.jsonData('config.json', config, { escape: true })], {
      exclude: [HASHED],
      cacheControl: [CacheControl.fromString('no-cache')],
    });
    hashed.node.addDependency(this.#role);
    rest.node.addDependency(hashed);
    for (const child of Stack.of(this).node.children) {
      if (!child.node.id.startsWith('Custom::CDKBucketDeployment')) continue;
      acknowledge(child, 'AwsSolutions-L1', 'The CDK chooses the runtime of its own function.');
    }
  }

  #put(id: string, sources: readonly ISource[], how: Partial<BucketDeploymentProps>): BucketDeployment {
    return new BucketDeployment(this, id, {
      ...this.#fixed,
      sources: sources.map(readBy(this.#role)),
      ...how,
    });
  }
}
