import { setTimeout as delay } from 'node:timers/promises';
import { GetExecutionHistoryCommand, type HistoryEvent, type SFNClient } from '@aws-sdk/client-sfn';
import { CannotGoOn } from '../cannot-go-on.ts';
import { isEnding } from './standing.ts';

/** All events with their data, oldest first. An order has some fifty; a page has a thousand. */
export async function readHistory(sfn: SFNClient, executionArn: string): Promise<HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  let nextToken: string | undefined;
  do {
    const page = await sfn.send(
      new GetExecutionHistoryCommand({
        executionArn,
        maxResults: 1000,
        includeExecutionData: true,
        ...(nextToken && { nextToken }),
      }),
    );
    events.push(...(page.events ?? []));
    nextToken = page.nextToken;
  } while (nextToken);
  return events;
}

/** The history of an execution that has been stopped: what is read of it may be a moment old, and then it has no end yet. */
export async function readFinalHistory(sfn: SFNClient, executionArn: string): Promise<HistoryEvent[]> {
  let events: HistoryEvent[] = [];
  await eventually(async () => {
    events = await readHistory(sfn, executionArn);
    return isEnding(events.at(-1));
  }, `${executionArn} was stopped, and its history does not show it. Run the command again.`);
  return events;
}

/** Step Functions reads eventually: what was written is seen a moment later. Throws `CannotGoOn` if it is not in half a minute. */
export async function eventually(isSeen: () => Promise<boolean>, otherwise: string): Promise<void> {
  for (let waitedMs = 0, waitMs = 100; ; waitedMs += waitMs, waitMs = Math.min(2 * waitMs, 2000)) {
    if (await isSeen()) return;
    if (waitedMs > 30_000) throw new CannotGoOn(otherwise);
    await delay(waitMs);
  }
}
