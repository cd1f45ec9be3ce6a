import type { RunTask, TaskOutcome } from '../../engine/task-runner.ts';
import type { S3Ports } from './item-reader.ts';
import { writeObject } from './s3-objects.ts';

interface Parameters {
  Request: { Bucket?: string; Prefix?: string };
  WriterConfig: { OutputType?: string };
  MapRunArn: string;
  /** Descriptions of child executions, or their outputs. */
  Results: ({ Status?: string } | null)[];
}

/**
 * The ResultWriter of a distributed Map: files of results and a manifest that names them.
 * https://docs.aws.amazon.com/step-functions/latest/dg/input-output-resultwriter.html
 */
export function resultWriter({ endpoint }: S3Ports): RunTask {
  return async (task, { abort }): Promise<TaskOutcome> => {
    const { Request, WriterConfig, MapRunArn, Results } = JSON.parse(task.parameters) as Parameters;
    const { Bucket: bucket = '', Prefix = '' } = Request;
    const lines = WriterConfig.OutputType === 'JSONL';
    const folder = [...(Prefix === '' ? [] : [Prefix]), MapRunArn.split(':').at(-1)].join('/');
    const failed = Results.filter((result) => result?.Status !== undefined && result.Status !== 'SUCCEEDED');
    const succeeded = Results.filter((result) => !failed.includes(result));

    async function write(name: string, results: unknown[]): Promise<{ Key: string; Size: number }[]> {
      if (results.length === 0) return [];
      const key = `${folder}/${name}_0.${lines ? 'jsonl' : 'json'}`;
      const texts = results.map((result) => JSON.stringify(result));
      const body = lines ? `${texts.join('\n')}\n` : `[${texts.join(',')}]`;
      await writeObject(endpoint, { bucket, key, body }, abort);
      return [{ Key: key, Size: Buffer.byteLength(body) }];
    }

    try {
      const files = {
        FAILED: await write('FAILED', failed),
        PENDING: [],
        SUCCEEDED: await write('SUCCEEDED', succeeded),
      };
      const manifest = { DestinationBucket: bucket, MapRunArn, ResultFiles: files };
      const key = `${folder}/manifest.json`;
      await writeObject(endpoint, { bucket, key, body: JSON.stringify(manifest) }, abort);
      const output = { MapRunArn, ResultWriterDetails: { Bucket: bucket, Key: key } };
      return { type: 'taskSucceeded', output: JSON.stringify(output) };
    } catch (error) {
      const cause = error instanceof Error ? error.message : String(error);
      return { type: 'taskFailed', error: 'States.ResultWriterFailed', cause };
    }
  };
}
