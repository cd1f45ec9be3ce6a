import { createHash } from 'node:crypto';
import {
  ConflictException,
  CreateScheduleCommand,
  type CreateScheduleInput,
  DeleteScheduleCommand,
  ResourceNotFoundException,
  SchedulerClient,
  UpdateScheduleCommand,
} from '@aws-sdk/client-scheduler';
import type { Reminder } from '../domain/reminder.ts';
import { readEnv } from '../env.ts';

const { REMINDERS_GROUP: GroupName } = readEnv(['REMINDERS_GROUP']);
// A scheduler that does not answer must not hold up what matters more: an answer that is delivered, a wait that is opened.
const client = new SchedulerClient({ requestHandler: { connectionTimeout: 2000, requestTimeout: 3000 } });

/** What the schedule puts into the queue of reminders: which wait to look at. What is to be done is what its item says then. */
export type ReminderCall = Pick<Reminder, 'waitId'>;

/**
 * Makes the wait's one schedule, or moves it. Only functions that make schedules have the two variables, which is why they
 * are read here: whoever deletes one does not.
 */
export async function setReminder({ waitId, at }: Reminder): Promise<void> {
  const { REMINDERS_ROLE_ARN, REMINDERS_QUEUE_ARN } = readEnv(['REMINDERS_ROLE_ARN', 'REMINDERS_QUEUE_ARN']);
  const call: ReminderCall = { waitId };
  const schedule: CreateScheduleInput = {
    Name: scheduleNameOf(waitId),
    GroupName,
    ScheduleExpression: `at(${nextFullMinute(at)})`,
    ScheduleExpressionTimezone: 'UTC',
    FlexibleTimeWindow: { Mode: 'OFF' },
    // Not DELETE: the service would delete a schedule after its time that whoever was told of it has just moved on.
    ActionAfterCompletion: 'NONE',
    Target: {
      Arn: REMINDERS_QUEUE_ARN,
      RoleArn: REMINDERS_ROLE_ARN,
      Input: JSON.stringify(call),
    },
  };
  for (let tries = 1; ; tries++) {
    try {
      if (await created(schedule)) return;
      await client.send(new UpdateScheduleCommand(schedule));
      return;
    } catch (error) {
      // It was there a moment ago: deleted meanwhile, by the end of its wait or an older reminder.
      if (!(error instanceof ResourceNotFoundException) || tries === 3) throw error;
    }
  }
}

async function created(schedule: CreateScheduleInput): Promise<boolean> {
  try {
    await client.send(new CreateScheduleCommand(schedule));
    return true;
  } catch (error) {
    if (error instanceof ConflictException) return false;
    throw error;
  }
}

/** Deletes the wait's schedule, if there is one. */
export async function deleteReminder(waitId: string): Promise<void> {
  try {
    await client.send(new DeleteScheduleCommand({ Name: scheduleNameOf(waitId), GroupName }));
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error;
  }
}

/**
 * A schedule's name has 1 to 64 of `0-9a-zA-Z-_.`; a wait id has neither a dot nor any other character outside of these
 * but its one `#`. So `.` in its place is as unique as the id; what is too long has two dots and a hash.
 */
export function scheduleNameOf(waitId: string): string {
  const name = waitId.replace('#', '.');
  if (name.length <= 64) return name;
  return `${waitId.slice(0, 19).replace('#', '-')}..${createHash('sha256').update(waitId).digest('base64url')}`;
}

/** EventBridge Scheduler acts at any second of the minute that it is given: in the next one it is never too early. */
function nextFullMinute(at: string): string {
  const minuteMs = 60_000;
  return new Date(Math.ceil(Date.parse(at) / minuteMs) * minuteMs).toISOString().slice(0, 19);
}
