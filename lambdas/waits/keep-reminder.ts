import { deleteReminder, setReminder } from '../adapters/reminders.ts';
import { readWait } from '../adapters/wait-table.ts';
import { nextReminder } from '../domain/reminder.ts';
import type { Wait } from '../domain/wait.ts';

/**
 * Makes the schedule of a wait what the table says it must be: at the next reminder, or none. Whoever changes the table
 * does so first and comes here then, and here the table is read again after the schedule was written: so of two that do
 * this at once (an escalation and a late reminder, a reminder and the answer) the last one to look sees both, and what is
 * left is right, whichever of their calls came last.
 *
 * @param known the wait as it was read just now
 */
export async function keepReminder(waitId: string, known?: Wait): Promise<void> {
  let wait = known ?? (await readWait(waitId));
  for (let looks = 0; looks < 5; looks++) {
    const reminder = nextReminder(wait, new Date());
    if (reminder) await setReminder(reminder);
    else await deleteReminder(waitId);
    const then = entryOf(wait);
    wait = await readWait(waitId);
    if (entryOf(wait) === then) return;
  }
  throw new Error(`wait ${waitId} changed all the time while its reminder was being set`);
}

/** Changes with everything that a reminder depends on, but the time. */
const entryOf = (wait: Wait | undefined) => `${wait?.tokenSequence} ${wait?.answer !== undefined}`;
