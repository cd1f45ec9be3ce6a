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
  for (let waitedMs = 0, waitMs = 100; ; waitedMs += waitMs, waitMs = Math.min(2 * waitMs, 2000)) {
    const events = await readHistory(sfn, executionArn);
    if (isEnding(events.at(-1))) return events;
    if (waitedMs > 30_000) {
      throw new CannotGoOn(`${executionArn} was stopped, and its history does not show it. Run the command again.`);
    }
    await delay(waitMs);
  }
}
