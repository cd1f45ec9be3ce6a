import { applySchedules } from './aws/scheduler/apply-schedules.ts';
import { invokeTarget, type TargetPorts } from './aws/scheduler/invoke-target.ts';
import { createScheduler, type Scheduler } from './aws/scheduler/scheduler.ts';
import type { Checkpoints } from './engine/checkpoints.ts';
import type { MovableClock } from './engine/clock.ts';
import type { ServiceList } from './service-list.ts';
import type { Assembly } from './template/load-assembly.ts';

export interface SchedulerSurroundings extends TargetPorts {
  clock: MovableClock;
  checkpoints: Checkpoints;
  warn(message: string): void;
}

/** EventBridge Scheduler with the schedules of the template. Nothing is due before it is resumed; moved time waits until it is done. */
export async function startScheduler(
  assembly: Assembly,
  surroundings: SchedulerSurroundings,
  services: ServiceList,
): Promise<Scheduler> {
  const { clock, checkpoints: store, sendMessage, warn } = surroundings;
  const scheduler = createScheduler({
    clock,
    place: assembly.place,
    store,
    invoke: invokeTarget(surroundings),
    sendDeadLetter: (queueArn, { MessageBody, ...attributes }) => sendMessage(queueArn, MessageBody, attributes),
    warn,
  });
  services.add('EventBridge Scheduler', scheduler, (one) => one.stop());
  clock.settleWith(() => scheduler.settle());
  await applySchedules(scheduler, store, assembly);
  return scheduler;
}
