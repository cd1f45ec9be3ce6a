import { describe, expect, it } from 'vitest';
import { drive, InterpreterDriver } from '../../../support/interpreter-driver.ts';

const wait = (fields: object, QueryLanguage = 'JSONPath') => ({
  QueryLanguage,
  StartAt: 'Wait',
  States: { Wait: { Type: 'Wait', End: true, ...fields } },
});
const startedAt = Date.UTC(2030, 0, 1);

async function waited(fields: object, input: unknown, language?: string): Promise<number> {
  const { execution } = await drive({ definition: wait(fields, language), input, startedAt });
  expect(execution.status).toBe('SUCCEEDED');
  return ((execution.stoppedAt ?? 0) - startedAt) / 1000;
}

describe('a Wait state', () => {
  it.each<[object, unknown, string?]>([
    [{ Seconds: 90 }, {}],
    [{ SecondsPath: '$.s' }, { s: 90 }],
    [{ Timestamp: '2030-01-01T00:01:30Z' }, {}],
    [{ TimestampPath: '$.t' }, { t: '2030-01-01T00:01:30Z' }],
    [{ Seconds: '{% $states.input.s * 2 %}' }, { s: 45 }, 'JSONata'],
    [{ Timestamp: '{% $states.input.t %}' }, { t: '2030-01-01T01:01:30+01:00' }, 'JSONata'],
  ])('waits with %j until the time has come', async (fields, input, language) => {
    expect(await waited(fields, input, language)).toBe(90);
  });

  it('does not wait for a time that is over', async () => {
    expect(await waited({ Timestamp: '2020-01-01T00:00:00Z' }, {})).toBe(0);
  });

  it('is a stored time: the timer is there again after everything was forgotten', async () => {
    const driver = new InterpreterDriver({ definition: wait({ Seconds: 60 }), startedAt });
    await driver.runFor(10_000);
    expect(driver.outstanding.timers).toEqual([{ timerId: '/wait/2', dueAt: startedAt + 60_000 }]);
    expect(await driver.signal({ type: 'timer', timerId: '/wait/1' })).toEqual([]);
  });

  it.each([
    [{ SecondsPath: '$.v' }, -1, 'The SecondsPath parameter references a negative value: $.v == -1'],
    [{ SecondsPath: '$.v' }, 1.5, 'The SecondsPath parameter cannot be parsed as a long value: $.v == 1.5'],
    [{ TimestampPath: '$.v' }, 'soon', 'date-time format string: $.v == soon'],
    [{ SecondsPath: '$.v' }, 2_147_483_648, 'Wait state delay is too long.'],
  ])('fails for good with %j of %j', async (fields, v, cause) => {
    const { execution } = await drive({ definition: wait(fields), input: { v } });
    expect(execution).toMatchObject({ status: 'FAILED', error: 'States.Runtime' });
    expect(execution.cause).toContain(cause);
  });
});
