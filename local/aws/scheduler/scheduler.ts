import { randomBytes, randomUUID } from 'node:crypto';
import type { Checkpoints } from '../../engine/checkpoints.ts';
import { type Service, ServiceError } from '../../engine/ports.ts';
import { createDeliveries, type DeliveriesOptions } from './deliveries.ts';
import type { Specification } from './schedule.ts';
import { following, type Schedule, updated, withTimes } from './schedule-times.ts';

export interface Group {
  name: string;
  clientToken?: string | undefined;
  createdAt: number;
  modifiedAt: number;
}

export interface SchedulerOptions extends Omit<DeliveriesOptions, 'ended'> {
  place: { partition: string; region: string; account: string };
}

export interface Scheduler extends Service {
  /** All of these are on the disk when their promises resolve. The same client token and request create nothing twice. */
  create(specification: Specification, clientToken?: string): Promise<Schedule>;
  update(specification: Specification): Promise<Schedule>;
  delete(groupName: string, name: string): Promise<void>;
  get(groupName: string, name: string): Schedule;
  /** Of all groups, in the order of group and name. */
  list(): Schedule[];
  createGroup(name: string, clientToken?: string): Promise<Group>;
  /** Its schedules go with it. */
  deleteGroup(name: string): Promise<void>;
  group(name: string): Group;
  groups(): Group[];
  arnOf(schedule: Schedule): string;
  groupArn(name: string): string;
  /** Nothing is due before this. What was due meanwhile is due now. */
  resume(): void;
  /** Resolves when nothing is being handed over to a target; true if it had to wait. */
  settle(): Promise<boolean>;
}

const scheduleSource = 'scheduler-schedules';
const groupSource = 'scheduler-groups';
const defaultGroup = 'default';

const keyOf = (groupName: string, name: string) => `${groupName}/${name}`;
const keyOfSchedule = ({ specification: { GroupName, Name } }: Schedule) => keyOf(GroupName, Name);

/** What is stored of each schedule, as text: it names its target. */
export function scheduledTexts(store: Pick<Checkpoints, 'list'>): string[] {
  return store.list(scheduleSource).map(({ value }) => value);
}

/**
 * EventBridge Scheduler on the movable clock. A schedule is stored with the time for which it is due next; when that comes, the delivery
 * and the time after it are stored in one commit, and only then is the target called. So a crash at any point delivers at least
 * once, and a time that passed while nothing ran is made up for once.
 */
export function createScheduler(options: SchedulerOptions): Scheduler {
  const { clock, store, place } = options;
  const schedules = new Map<string, Schedule>();
  const groups = new Map<string, Group>();
  const timers = new Map<string, Disposable>();
  let running = false;

  const deliveries = createDeliveries({
    ...options,
    ended({ schedule: { key, id } }) {
      const schedule = schedules.get(key);
      if (schedule?.id !== id || schedule.specification.ActionAfterCompletion !== 'DELETE') return;
      if (following(schedule) === undefined) deliveries.track(remove(key));
    },
  });

  for (const { key, value } of store.list(scheduleSource)) schedules.set(key, JSON.parse(value));
  for (const { key, value } of store.list(groupSource)) groups.set(key, JSON.parse(value));
  if (!groups.has(defaultGroup)) deliveries.track(saveGroup(newGroup(defaultGroup)));

  function save(schedule: Schedule): Promise<void> {
    const key = keyOfSchedule(schedule);
    schedules.set(key, schedule);
    arm(key, schedule);
    return store.set(scheduleSource, key, JSON.stringify(schedule));
  }

  function remove(key: string): Promise<void> {
    disarm(key);
    schedules.delete(key);
    return store.delete(scheduleSource, key);
  }

  function arm(key: string, { dueAt }: Schedule): void {
    disarm(key);
    if (running && dueAt !== undefined)
      timers.set(
        key,
        clock.at(dueAt, () => fire(key)),
      );
  }

  function disarm(key: string): void {
    timers.get(key)?.[Symbol.dispose]();
    timers.delete(key);
  }

  function fire(key: string): void {
    const schedule = schedules.get(key);
    if (schedule?.dueAt === undefined) return;
    const { dueAt, id, specification } = schedule;
    const now = clock.now();
    // Times between this one and now passed while nothing ran. One invocation makes up for all of them.
    const lastAt = Math.max(dueAt, now);
    const stored = save({ ...schedule, lastAt, dueAt: following({ ...schedule, lastAt }) });
    const begun = deliveries.begin({
      schedule: { key, id },
      scheduleArn: arnOf(schedule),
      scheduledAt: dueAt,
      executionId: randomBytes(8).toString('hex'),
      target: specification.Target,
      firedAt: now,
      failures: 0,
      dueAt: now,
    });
    deliveries.track(Promise.all([stored, begun]).then(() => {}));
  }

  function saveGroup(group: Group): Promise<void> {
    groups.set(group.name, group);
    return store.set(groupSource, group.name, JSON.stringify(group));
  }

  function newGroup(name: string, clientToken?: string): Group {
    const now = clock.now();
    return { name, clientToken, createdAt: now, modifiedAt: now };
  }

  function group(name: string): Group {
    const found = groups.get(name);
    if (found) return found;
    throw new ServiceError('ResourceNotFoundException', `Schedule group ${name} does not exist.`, 404);
  }

  function get(groupName: string, name: string): Schedule {
    group(groupName);
    const found = schedules.get(keyOf(groupName, name));
    if (found) return found;
    throw new ServiceError('ResourceNotFoundException', `Schedule ${name} does not exist.`, 404);
  }

  const arnPrefix = `arn:${place.partition}:scheduler:${place.region}:${place.account}`;
  const arnOf = (schedule: Schedule) => `${arnPrefix}:schedule/${keyOfSchedule(schedule)}`;

  return {
    name: 'EventBridge Scheduler',
    async create(specification, clientToken) {
      const { GroupName, Name } = specification;
      group(GroupName);
      const existing = schedules.get(keyOf(GroupName, Name));
      if (existing) {
        const same = JSON.stringify(existing.specification) === JSON.stringify(specification);
        if (clientToken === undefined || existing.clientToken !== clientToken || !same) {
          throw new ServiceError('ConflictException', `Schedule ${Name} already exists.`, 409);
        }
        // The request that created it may still wait for the disk.
        await store.set(scheduleSource, keyOf(GroupName, Name), JSON.stringify(existing));
        return existing;
      }
      const now = clock.now();
      const schedule = withTimes({
        ...{ id: randomUUID(), specification, clientToken },
        ...{ createdAt: now, modifiedAt: now, since: now },
      });
      await save(schedule);
      return schedule;
    },
    async update(specification) {
      const before = get(specification.GroupName, specification.Name);
      const schedule = updated(before, specification, clock.now());
      await save(schedule);
      return schedule;
    },
    async delete(groupName, name) {
      get(groupName, name);
      await remove(keyOf(groupName, name));
    },
    get,
    list: () => [...schedules].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, schedule]) => schedule),
    async createGroup(name, clientToken) {
      const existing = groups.get(name);
      if (existing && (clientToken === undefined || existing.clientToken !== clientToken)) {
        throw new ServiceError('ConflictException', `Schedule group ${name} already exists.`, 409);
      }
      const created = existing ?? newGroup(name, clientToken);
      await saveGroup(created);
      return created;
    },
    async deleteGroup(name) {
      group(name);
      if (name === defaultGroup) {
        throw new ServiceError('ValidationException', 'The default schedule group cannot be deleted.');
      }
      groups.delete(name);
      const inGroup = [...schedules.keys()].filter((key) => key.startsWith(`${name}/`));
      await Promise.all([store.delete(groupSource, name), ...inGroup.map(remove)]);
    },
    group,
    groups: () => [...groups.values()].sort((a, b) => (a.name < b.name ? -1 : 1)),
    arnOf,
    groupArn: (name) => `${arnPrefix}:schedule-group/${name}`,
    resume() {
      running = true;
      deliveries.resume();
      for (const [key, schedule] of schedules) arm(key, schedule);
    },
    settle: () => deliveries.settle(),
    async stop() {
      running = false;
      for (const key of [...timers.keys()]) disarm(key);
      await deliveries.stop();
    },
  };
}
