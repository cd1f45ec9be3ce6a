import type { RunTask, TaskOutcome } from '../../engine/task-runner.ts';
import { parseCsv } from './csv.ts';
import { listObjects, readObject } from './s3-objects.ts';

export interface S3Ports {
  /** `http://127.0.0.1:<port>`: path-style requests, `/<bucket>/<key>`. */
  endpoint: string;
}

interface Parameters {
  Request: { Bucket?: string; Key?: string; Prefix?: string };
  ReaderConfig: {
    InputType?: string;
    CSVHeaderLocation?: string;
    CSVHeaders?: string[];
    CSVDelimiter?: string;
    /** 0: no limit. */
    MaxItems?: number;
  };
}

/** The content is not what the ItemReader expects. */
class Unreadable extends Error {}

/**
 * The ItemReader of a distributed Map: `s3:getObject` of a CSV, JSON or JSON Lines file, `s3:listObjectsV2`.
 * https://docs.aws.amazon.com/step-functions/latest/dg/input-output-itemreader.html
 */
export function itemReader({ endpoint }: S3Ports): RunTask {
  return async (task, { abort }): Promise<TaskOutcome> => {
    const { Request, ReaderConfig } = JSON.parse(task.parameters) as Parameters;
    const bucket = Request.Bucket ?? '';
    try {
      const items = task.resource.endsWith(':listObjectsV2')
        ? await listObjects(endpoint, bucket, Request.Prefix ?? '', abort)
        : itemsIn(await readObject(endpoint, bucket, Request.Key ?? '', abort), ReaderConfig);
      const { MaxItems = 0 } = ReaderConfig;
      return { type: 'taskSucceeded', output: JSON.stringify(MaxItems > 0 ? items.slice(0, MaxItems) : items) };
    } catch (error) {
      const cause = error instanceof Error ? error.message : String(error);
      return { type: 'taskFailed', error: 'States.ItemReaderFailed', cause };
    }
  };
}

function itemsIn(text: string, config: Parameters['ReaderConfig']): unknown[] {
  switch (config.InputType) {
    case 'CSV':
      return parseCsv(text, config);
    case 'JSONL':
      return text.split('\n').flatMap((line) => (line.trim() === '' ? [] : [parse(line)]));
    case 'JSON':
    case undefined: {
      const items = parse(text);
      if (!Array.isArray(items)) throw new Unreadable('Attempting to map over non-iterable node.');
      return items;
    }
    default:
      throw new Unreadable(`This runtime does not read ${config.InputType}.`);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Unreadable('The content is not valid JSON.');
  }
}
