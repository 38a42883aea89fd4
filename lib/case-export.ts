// The export of cases: its function, the bucket that it puts into, and its call once a day.
import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { Daily } from './clock.ts';
import { DoorFunction } from './door-function.ts';
import { acknowledge } from './nag.ts';
import type { StageName, StageSettings } from './settings.ts';
import type { RecoupTable } from './table.ts';

/** Exactly the objects that functions/export.ts puts: no name but a month's. */
const OBJECTS = 'cases/v1/month=????-??.ndjson.gz';

/** Every run puts a new version of each month; what one overwrote can be had back for as long. */
const OLD_VERSIONS_FOR = Duration.days(30);

export type CaseExportProps = {
  readonly stage: StageName;
  readonly settings: StageSettings;
  readonly bundles: string;
  readonly table: RecoupTable;
  /** `create`, or the name of a bucket that is there. */
  readonly bucket: string;
};

/** Closed to the public and to whoever comes without TLS. What was exported in prod outlives the stack. */
const createBucket = (scope: Construct, stage: StageName): Bucket => {
  const bucket = new Bucket(scope, 'Bucket', {
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    encryption: BucketEncryption.S3_MANAGED,
    enforceSSL: true,
    versioned: true,
    lifecycleRules: [
      {
        noncurrentVersionExpiration: OLD_VERSIONS_FOR,
        abortIncompleteMultipartUploadAfter: Duration.days(1),
      },
    ],
    removalPolicy: stage === 'prod' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  });
  acknowledge(bucket, 'AwsSolutions-S1', 'Who reads it is told by CloudTrail, for whom it matters.');
  return bucket;
};

export class CaseExport extends Construct {
  readonly door: DoorFunction;
  readonly bucketName: string;

  constructor(scope: Construct, id: string, { stage, settings, bundles, table, bucket }: CaseExportProps) {
    super(scope, id);
    this.bucketName = bucket === 'create' ? createBucket(this, stage).bucketName : bucket;
    this.door = new DoorFunction(this, 'Door', {
      door: 'export',
      stage,
      settings,
      bundles,
      does: 'Puts every case and adjustment into a bucket, an object a month',
      memoryMb: 1024,
      timeoutSeconds: 900,
    });
    table.grantReading(this.door);
    const objects = Stack.of(this).formatArn({
      service: 's3',
      region: '',
      account: '',
      resource: this.bucketName,
      resourceName: OBJECTS,
    });
    this.door.grant('EXPORT_BUCKET', this.bucketName, [
      new PolicyStatement({ actions: ['s3:PutObject'], resources: [objects] }),
    ]);
    new Daily(this, 'Daily', this.door, 'Exports the cases of the last months');
  }
}
