// The Lambda that the schedule calls each day to put cases into a bucket; deployed where one is named.
import { S3Client } from '@aws-sdk/client-s3';
import { createPutObject } from '../../adapters/s3/bucket.ts';
import { makeExport } from '../export.ts';
import { observe } from '../middleware.ts';
import { environment, now, openStore } from './root.ts';

const { TABLE_NAME, EXPORT_BUCKET, STAGE } = environment('TABLE_NAME', 'EXPORT_BUCKET', 'STAGE');
const observed = observe('export', STAGE);

/** An object of 100 MB takes a few seconds; a request that hangs is given up well before the function is. */
const client = new S3Client({
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 1000, requestTimeout: 30_000, throwOnRequestTimeout: true },
});

export const handler = observed.lambda(
  makeExport({ store: openStore(TABLE_NAME), put: createPutObject(client, EXPORT_BUCKET), now }),
);
