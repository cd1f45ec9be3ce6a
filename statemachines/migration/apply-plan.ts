import type { Json } from '../../local/asl/expression/json-text.ts';
import { evaluateTemplate } from '../../local/asl/expression/jsonata.ts';
import type { ResumeInput } from '../resume/resume-definition.ts';
import type { Plan } from './plan.ts';

/** Where an execution stands, as its history tells. */
export interface Standing {
  state: string;
  /** What the state was entered with. */
  input: unknown;
  variables: Readonly<Record<string, unknown>>;
  /** Of the order's first execution: it is handed on as it is. */
  execution: ResumeInput['execution'];
}

/**
 * Where and with what an execution goes on. The same for the same standing, whenever it is asked.
 * @throws Error with a sentence: the state has no target, or an expression of the mapping does not fit this execution
 */
export async function applyPlan(
  plan: Plan,
  standing: Standing,
): Promise<Pick<ResumeInput, 'resumeAt' | 'input' | 'variables'>> {
  const { state, input, variables } = standing;
  const target = plan.targets[state];
  if (!target) throw new Error(`${state} has no target: ${plan.without[state] ?? 'there is no such state'}`);
  const missing = target.carried.filter((name) => !Object.hasOwn(variables, name));
  if (missing.length > 0) {
    throw new Error(`${target.to} needs $${missing.join(', $')}, which the execution in ${state} does not have`);
  }
  const values = Object.entries(target.variables).map(async ([name, template]) => {
    return [name, await evaluated(template, `variables/${name}`, standing)] as const;
  });
  return {
    resumeAt: target.to,
    input: target.input === undefined ? input : await evaluated(target.input, 'input', standing),
    variables: Object.fromEntries([
      ...target.carried.map((name) => [name, variables[name]]),
      ...(await Promise.all(values)),
    ]),
  };
}

/** By the interpreter's own evaluation: JSONata as AWS runs it, with the functions that Step Functions adds. */
function evaluated(template: unknown, field: string, { state, input, variables, execution }: Standing): Promise<Json> {
  const never = (): never => {
    throw new Error('gives something else each time');
  };
  return evaluateTemplate(template as Json, `${state}/${field}`, {
    states: { input: null, context: {} },
    variables: { state, input, variables, execution } as Record<string, Json>,
    at: 0,
    random: never,
    uuid: never,
  });
}
