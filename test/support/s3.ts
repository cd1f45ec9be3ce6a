import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { startQueues } from '../../local/aws/queues/start-queues.ts';

const bucket = 'order-lines';

/**
 * A real, empty S3 with the bucket of the order lines, and this process's environment pointed at it: call it before a
 * module under test is imported.
 */
export async function startS3() {
  const directory = await mkdtemp(join(tmpdir(), 'waybill-s3-'));
  const s3 = await startQueues({ directory, port: 0, region: 'us-east-1', queues: [], buckets: [bucket] });
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_S3: s3.endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    ORDER_LINES_BUCKET: bucket,
  });
  const client = new S3Client({});
  let stopping: Promise<void> | undefined;
  const stop = async () => {
    client.destroy();
    await s3.stop();
    await rm(directory, { recursive: true, force: true });
  };
  return {
    /** Their keys, sorted. */
    async keys(): Promise<string[]> {
      const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket }));
      return Contents.map(({ Key }) => Key!).sort();
    },
    async read(key: string): Promise<string> {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      return Body!.transformToString();
    },
    remove: (key: string) => client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key })),
    write: (key: string, text: string) => client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: text })),
    /** A test may do it before its end, to see what happens without. */
    async stop(): Promise<void> {
      stopping ??= stop();
      await stopping;
    },
  };
}
