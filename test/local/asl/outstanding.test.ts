import { describe, expect, it } from 'vitest';
import { InterpreterDriver } from '../../support/interpreter-driver.ts';

const startedAt = Date.UTC(2030, 0, 1);
const start = (state: object, top: object = {}) => {
  const definition = { StartAt: 'S', States: { S: { End: true, ...state } }, ...top };
  return new InterpreterDriver({ definition, startedAt, tasks: () => [] }).runFor(1000);
};
const task = { Type: 'Task', Resource: 'arn:aws:states:::lambda:invoke' };

describe('outstanding', () => {
  it('has everything that is needed to run a task again after a crash', async () => {
    const driver = await start({ ...task, TimeoutSeconds: 30, HeartbeatSeconds: 10 });
    expect(driver.outstanding.tasks).toEqual([
      {
        taskId: '#3',
        taskToken: 'token of #3',
        frame: '',
        stateName: 'S',
        resource: task.Resource,
        parameters: '{}',
        phase: 'scheduled',
        timeoutSeconds: 30,
        heartbeatSeconds: 10,
      },
    ]);
  });

  it('counts a timeout from the schedule, and heartbeats from when the work was taken on', async () => {
    const driver = await start({ ...task, TimeoutSeconds: 30, HeartbeatSeconds: 10 });
    expect(driver.outstanding.timers).toEqual([{ timerId: '/timeout/#3', dueAt: startedAt + 30_000 }]);
    await driver.signal({ type: 'taskStarted', taskId: '#3' });
    const heartbeats = () => driver.outstanding.timers.filter(({ timerId }) => timerId.startsWith('/heartbeat/'));
    const [first] = heartbeats();
    expect(first?.dueAt).toBe(startedAt + 11_000);
    await driver.runFor(5000);
    await driver.signal({ type: 'taskHeartbeat', taskId: '#3' });
    expect(heartbeats()).toEqual([
      { timerId: expect.not.stringMatching(`^${first?.timerId}$`), dueAt: startedAt + 16_000 },
    ]);
  });

  it('has the timer of a retry that waits, and no task meanwhile', async () => {
    const driver = await start({ ...task, Retry: [{ ErrorEquals: ['Boom'], IntervalSeconds: 9 }] });
    await driver.signal({ type: 'taskFailed', taskId: '#3', error: 'Boom' });
    expect(driver.outstanding).toEqual({
      tasks: [],
      timers: [{ timerId: '/retry/2.1', dueAt: startedAt + 10_000 }],
    });
  });

  it("has the execution's own time limit", async () => {
    const driver = await start({ ...task }, { TimeoutSeconds: 60 });
    expect(driver.outstanding.timers).toEqual([{ timerId: 'execution', dueAt: startedAt + 60_000 }]);
  });
});
