import { existsSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/**
 * Makes the messages visible again that were received but not deleted when the runtime ended, and does not count that receive: all
 * consumers were part of the runtime and are gone with it, so waiting for the visibility timeout would only delay the restart by
 * minutes, and counting would carry a message to the dead-letter queue because of crashes that were not its fault.
 * `folder`: the data folder of fauxqs 2.4, before it is started.
 */
export function releaseReceivedMessages(folder: string): void {
  const file = path.join(folder, 'fauxqs.db');
  if (!existsSync(file)) return;
  using database = new DatabaseSync(file);
  database.exec(`UPDATE sqs_messages
    SET receipt_handle = NULL, visibility_deadline = NULL, approximate_receive_count = max(approximate_receive_count - 1, 0)
    WHERE receipt_handle IS NOT NULL`);
}
