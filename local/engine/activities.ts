import type { Place } from './arn.ts';
import { parseActivityArn } from './arn.ts';
import type { Checkpoints } from './checkpoints.ts';
import { checkName } from './names.ts';
import { type Clock, ServiceError } from './ports.ts';

export interface ActivityRow {
  arn: string;
  name: string;
  createdAt: number;
}

/** What a worker is given. */
export interface ActivityTask {
  taskToken: string;
  /** JSON text. */
  input: string;
}

/** A task that waits for a worker. */
export interface OfferedTask extends ActivityTask {
  started(workerName?: string): void;
  /** False once the state timed out, or its execution ended. */
  isAwaited(): boolean;
}

/** Tasks that programs outside poll for. Which tasks are open follows from the executions; here they only stand in line. */
export interface Activities {
  /** The same name again answers the same activity. */
  create(name: string): Promise<ActivityRow>;
  get(arn: string): ActivityRow;
  has(arn: string): boolean;
  list(): ActivityRow[];
  /** Deleting what does not exist succeeds. */
  delete(arn: string): Promise<void>;
  offer(arn: string, task: OfferedTask): void;
  /** The oldest open task; undefined if none came within a minute. */
  poll(arn: string, workerName?: string): Promise<ActivityTask | undefined>;
}

/** How long GetActivityTask holds the line. https://docs.aws.amazon.com/step-functions/latest/apireference/API_GetActivityTask.html */
const longestPollMs = 60_000;

const table = 'activities';

export function createActivities(ports: { store: Checkpoints; clock: Clock; place: Place }): Activities {
  const { store, clock, place } = ports;
  const rows = new Map(store.list(table).map(({ key, value }) => [key, JSON.parse(value) as ActivityRow]));
  const offered = new Map<string, OfferedTask[]>();
  const polling = new Map<string, ((task: OfferedTask) => void)[]>();

  function get(arn: string): ActivityRow {
    parseActivityArn(arn);
    const row = rows.get(arn);
    if (!row) throw new ServiceError('ActivityDoesNotExist', `Activity Does Not Exist: '${arn}'`);
    return row;
  }

  function nextOffered(arn: string): OfferedTask | undefined {
    const tasks = offered.get(arn) ?? [];
    for (let task = tasks.shift(); task; task = tasks.shift()) if (task.isAwaited()) return task;
    return undefined;
  }

  function waitForOffer(arn: string): Promise<OfferedTask | undefined> {
    return new Promise((resolve) => {
      const workers = polling.get(arn) ?? [];
      polling.set(arn, workers);
      const giveUp = clock.at(clock.now() + longestPollMs, () => {
        workers.splice(workers.indexOf(take), 1);
        resolve(undefined);
      });
      function take(task: OfferedTask): void {
        giveUp[Symbol.dispose]();
        resolve(task);
      }
      workers.push(take);
    });
  }

  return {
    async create(name) {
      checkName(name);
      const arn = `arn:${place.partition}:states:${place.region}:${place.account}:activity:${name}`;
      const row = rows.get(arn) ?? { arn, name, createdAt: clock.now() };
      rows.set(arn, row);
      await store.set(table, arn, JSON.stringify(row));
      return row;
    },
    get,
    has: (arn) => rows.has(arn),
    list: () => [...rows.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    async delete(arn) {
      parseActivityArn(arn);
      rows.delete(arn);
      await store.delete(table, arn);
    },
    offer(arn, task) {
      const worker = polling.get(arn)?.shift();
      if (worker) return worker(task);
      const tasks = offered.get(arn);
      if (tasks) tasks.push(task);
      else offered.set(arn, [task]);
    },
    async poll(arn, workerName) {
      get(arn);
      const task = nextOffered(arn) ?? (await waitForOffer(arn));
      task?.started(workerName);
      return task && { taskToken: task.taskToken, input: task.input };
    },
  };
}
