import { describe, expect, test } from 'vitest';
import { applyPlan } from '../../../statemachines/migration/apply-plan.ts';
import type { Mapping } from '../../../statemachines/migration/mapping.ts';
import { planFor } from '../../../statemachines/migration/plan.ts';
import { resumeDefinition } from '../../../statemachines/resume/resume-definition.ts';
import type { Group } from '../../../statemachines/rules/process.ts';
import { orderDefinition } from '../../support/order-definition.ts';
import { scripts } from '../order-scripts.ts';
import { type Run, runProcess } from '../process-script.ts';
import { interruptionsOf, resume } from '../resume/interruption.ts';

/** The next version: a wait has another name, a step is gone, and a variable is needed that orders in flight do not have. */
const next = ((): string => {
  const definition = JSON.parse(orderDefinition.replaceAll('"AwaitPicking"', '"AwaitPacking"')) as Group;
  const { States } = definition;
  delete States.SendConfirmationEmail;
  for (const wait of ['AwaitPacking', 'EscalatePicking', 'ExpirePicking']) {
    Object.assign(States[wait]!, { Assign: { packedBy: '{% $states.result.by %}' }, Next: 'AwaitCarrierPickup' });
  }
  for (const wait of ['AwaitCarrierPickup', 'EscalateCarrierPickup', 'ExpireCarrierPickup']) {
    States[wait]!.Arguments!.MessageBody!.note = "{% 'packed by ' & $packedBy %}";
  }
  return JSON.stringify(definition);
})();

const variables = { packedBy: "{% 'somebody, for ' & $execution.Input.orderId %}" };
const mapping: Mapping = [
  {
    place: 'm[0]',
    from: orderDefinition,
    states: {
      AwaitPicking: { to: 'AwaitPacking' },
      ...Object.fromEntries(
        ['Await', 'Escalate', 'Expire'].map((how) => [`${how}CarrierPickup`, { to: `${how}CarrierPickup`, variables }]),
      ),
    },
  },
];

test('the next version needs its mapping, and nothing more than that', () => {
  expect(planFor(orderDefinition, next, []).findings.map(({ state }) => state)).toEqual([
    'AwaitPicking',
    'AwaitCarrierPickup',
    'EscalateCarrierPickup',
    'ExpireCarrierPickup',
  ]);
  expect(planFor(orderDefinition, next, mapping)).toMatchObject({
    findings: [],
    without: { SendConfirmationEmail: expect.stringContaining('no state SendConfirmationEmail') },
  });
});

test('an order that was resumed once goes on by the same entry, also when only the definition that it runs in is known', () => {
  const { findings, entry, targets } = planFor(resumeDefinition(orderDefinition), next, mapping);
  expect({ findings, entry }).toEqual({ findings: [], entry: 'm[0]' });
  expect(targets).toEqual(planFor(orderDefinition, next, mapping).targets);
});

/** What was done to the outside, in order: steps, and the ids under which waits were opened. Retries count as one. */
function done(...runs: Run[]): string[] {
  const calls = runs.flatMap(({ calls: made }) => made);
  const named = calls.map(({ state, arguments: { MessageBody } }) => {
    const { waitId = state, contact } = (MessageBody ?? {}) as { waitId?: string; contact?: string };
    return contact === undefined ? waitId : `${waitId} ${contact}`;
  });
  return named.filter((name, index) => name !== named[index - 1] && name !== 'SendConfirmationEmail');
}

describe('no step is done twice and none is skipped, wherever an order is moved to the next version', () => {
  const plan = planFor(orderDefinition, next, mapping);
  const moved = resumeDefinition(next);

  test.each(Object.entries(scripts))('of one that %s', async (_title, script) => {
    const run = await runProcess(script);
    const { AwaitPicking } = script;
    const renamed = { ...script, ...(AwaitPicking !== undefined && { AwaitPacking: AwaitPicking }) };
    for (const stopped of interruptionsOf(run)) {
      const { resumeAt, input, variables: had, execution, resumedFrom } = stopped.input;
      const standing = { state: resumeAt, input, variables: had, execution };
      if (!plan.targets[resumeAt]) {
        await expect(applyPlan(plan, standing)).rejects.toThrow('SendConfirmationEmail has no target');
        continue;
      }
      const goesOn = { ...(await applyPlan(plan, standing)), execution, resumedFrom };
      const after = await resume(moved, { ...stopped, input: goesOn }, renamed);
      const begun = run.calls.length - stopped.rest.calls.length;
      const before = { ...run, calls: run.calls.slice(0, begun) };
      expect(done(before, after), `moved in ${resumeAt}`).toEqual(done(run));
      expect([after.status, after.output]).toEqual([run.status, run.output]);
    }
  });

  test('and what it needs in the next version it has', async () => {
    const waits = interruptionsOf(await runProcess()).filter(({ state }) => /^Await/.test(state));
    const notes = waits.map(async (stopped) => {
      const { resumeAt: state, input, variables: had, execution } = stopped.input;
      const goesOn = await applyPlan(plan, { state, input, variables: had, execution });
      const after = await resume(moved, { ...stopped, input: { ...stopped.input, ...goesOn } }, {});
      return (after.callsOf('AwaitCarrierPickup')[0]!.MessageBody as { note: string }).note;
    });
    expect(await Promise.all(notes)).toEqual(['packed by somebody', 'packed by somebody, for ord_1']);
  });
});
