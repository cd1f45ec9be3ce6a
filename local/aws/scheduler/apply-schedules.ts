import { createHash } from 'node:crypto';
import { CannotStart } from '../../cannot-start.ts';
import type { Checkpoints } from '../../engine/checkpoints.ts';
import { ServiceError } from '../../engine/ports.ts';
import type { Assembly, Resource } from '../../template/load-assembly.ts';
import { problemsOf, Specification } from './schedule.ts';
import type { Scheduler } from './scheduler.ts';

/** What a start remembers of a resource of the template. */
interface Applied {
  type: string;
  groupName: string;
  name: string;
  /** Of its properties. */
  digest: string;
}

const source = 'scheduler-template';
const scheduleType = 'AWS::Scheduler::Schedule';
const groupType = 'AWS::Scheduler::ScheduleGroup';

/**
 * Brings schedules and groups to what the template says, as a deployment does: what it made before and no longer has goes, what changed is
 * updated, and what did not change is left alone, even if it was deleted since. So a one-time schedule runs once, however
 * often the stack is started. What was made through the API is nobody's business here.
 */
export async function applySchedules(scheduler: Scheduler, store: Checkpoints, assembly: Assembly): Promise<void> {
  const before = new Map(store.list(source).map(({ key, value }) => [key, JSON.parse(value) as Applied]));
  const wanted = [...assembly.ofType(groupType), ...assembly.ofType(scheduleType)].map((resource) => ({
    resource,
    ...wantedOf(resource, assembly),
  }));
  const kept = new Map(wanted.map(({ resource, applied }) => [resource.logicalId, applied]));
  for (const [logicalId, applied] of before) {
    const now = kept.get(logicalId);
    if (now?.type === applied.type && now.name === applied.name && now.groupName === applied.groupName) continue;
    before.delete(logicalId);
    await Promise.all([store.delete(source, logicalId), remove(scheduler, applied)]);
  }
  for (const { resource, applied, specification } of wanted) {
    const existing = before.get(resource.logicalId);
    if (existing?.digest === applied.digest) continue;
    try {
      const write = prepare(scheduler, applied, existing !== undefined, specification);
      // In one commit: a crash between the two would leave a schedule that seems to be somebody else's.
      await Promise.all([write(), store.set(source, resource.logicalId, JSON.stringify(applied))]);
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      throw new CannotStart(`${resource.logicalId} (${resource.type}): ${error.message}`);
    }
  }
}

/** Throws what stands against it; then the write itself cannot fail. `ours`: an earlier start made it. */
function prepare(
  scheduler: Scheduler,
  { groupName, name }: Applied,
  ours: boolean,
  specification: Specification | undefined,
): () => Promise<unknown> {
  if (specification === undefined) {
    if (has(() => scheduler.group(name))) throw taken(`Schedule group ${name}`);
    return () => scheduler.createGroup(name);
  }
  scheduler.group(groupName);
  if (!has(() => scheduler.get(groupName, name))) return () => scheduler.create(specification);
  if (!ours) throw taken(`Schedule ${name}`);
  return () => scheduler.update(specification);
}

function taken(what: string): ServiceError {
  return new ServiceError('ConflictException', `${what} already exists, and not because of this template.`);
}

function wantedOf(resource: Resource, assembly: Assembly): { applied: Applied; specification?: Specification } {
  const { logicalId, type, properties } = resource;
  const name = assembly.ref(logicalId);
  if (type === groupType) return { applied: { type, groupName: name, name, digest: '' } };
  const parsed = Specification.safeParse({ ...properties, Name: name }, { reportInput: true });
  if (!parsed.success) throw new CannotStart(`${logicalId} (${type}): ${problemsOf(parsed.error)}.`);
  const specification = parsed.data;
  const digest = createHash('sha256').update(JSON.stringify(specification)).digest('hex');
  return { applied: { type, groupName: specification.GroupName, name, digest }, specification };
}

async function remove(scheduler: Scheduler, { type, groupName, name }: Applied): Promise<void> {
  if (type === groupType) {
    if (has(() => scheduler.group(name))) await scheduler.deleteGroup(name);
  } else if (has(() => scheduler.get(groupName, name))) await scheduler.delete(groupName, name);
}

function has(look: () => unknown): boolean {
  try {
    look();
    return true;
  } catch (error) {
    if (error instanceof ServiceError) return false;
    throw error;
  }
}
