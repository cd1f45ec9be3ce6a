import { isExpression } from '../rules/expression.ts';
import { type Group, groupsOf, type State, statesIn } from '../rules/process.ts';
import { withCarriedExecution } from './execution-context.ts';
import { countsThisExecution, variablesAt } from './live-variables.ts';

/** What an execution of the resume machine is started with. */
export interface ResumeInput {
  /** The state that is entered. */
  resumeAt: string;
  /** Its input. */
  input: unknown;
  /** At least those that are assigned on every way to it; others are left behind. What counts within one execution begins at 0. */
  variables: Record<string, unknown>;
  /** `$states.context.Execution` of the order's first execution, carried on unchanged however often it is resumed. */
  execution: { Id: string; Input: unknown; Name: string; RoleArn?: string; StartTime: string };
  resumedFrom: { executionArn: string; state: string };
}

/** The two states that a resume machine has besides those of its process. */
export const resumeStates = { entry: 'Resume', refusal: 'NotResumable' } as const;

/**
 * The definition of the machine in which executions of another one go on: the same states with another entry, which goes to any
 * of them with the variables that it needs. It sees the first execution's name, start and input as its own, so the ids of
 * waits stay the same. Made from text before or after `${...}` is filled in, with the same outcome: what is filled in is data
 * within strings (an ARN, a URL, numbers), without quotes, backslashes or expressions.
 * @throws Error with a sentence that says why executions of this machine cannot be resumed
 */
export function resumeDefinition(text: string): string {
  const definition: Group & { Comment?: string } = JSON.parse(text);
  refuse(definition);
  const { Comment, ...rest } = definition;
  const { entry, refusal } = resumeStates;
  const resumed = {
    Comment:
      `Executions go on here that began in the process of the same states. Generated, not written. ${Comment ?? ''}`.trimEnd(),
    ...rest,
    StartAt: entry,
    States: { [entry]: entryOf(definition), ...carried(definition).States, [refusal]: refusalState },
  };
  return JSON.stringify(resumed, undefined, 2);
}

function refuse(definition: Group): void {
  const taken = statesIn(definition).find(([name]) => Object.values<string>(resumeStates).includes(name));
  if (taken) throw new Error(`${taken[0]}: a state of this name is generated in the resume machine, name it otherwise`);
  const pathState = statesIn(definition).find(([, { QueryLanguage }]) => QueryLanguage === 'JSONPath');
  if (definition.QueryLanguage !== 'JSONata' || pathState) {
    const where = pathState ? `${pathState[0]}: ` : '';
    throw new Error(`${where}the query language is JSONPath: only a machine all in JSONata can be resumed`);
  }
}

function entryOf(definition: Group): State {
  const rules = [...variablesAt(definition)].map(([name, { definite }]) => ({
    Condition: `{% $states.input.resumeAt = ${literal(name)} %}`,
    ...(definite.length > 0 && {
      Assign: Object.fromEntries(definite.map((variable) => [variable, restored(variable)])),
    }),
    Output: '{% $states.input.input %}',
    Next: name,
  }));
  return {
    Type: 'Choice',
    Comment: 'Enters the state in which the execution stood, with its input and its variables.',
    Choices: rules,
    Default: resumeStates.refusal,
  };
}

const restored = (variable: string) =>
  countsThisExecution(variable) ? 0 : `{% $states.input.variables.${member(variable)} %}`;

const refusalState = {
  Type: 'Fail',
  Comment: 'Nothing was done: whoever started this named a state that there is not.',
  Error: resumeStates.refusal,
  Cause: "{% 'There is no state ' & $string($states.input.resumeAt) & ' to go on at' %}",
};

/** JSONata takes `'` and `"`, and escapes as in JSON but for the apostrophe. */
const literal = (name: string) => (/['\\]/.test(name) ? JSON.stringify(name) : `'${name}'`);

/** What JSONata would read as a value or an operator. */
const keywords = ['and', 'or', 'in', 'true', 'false', 'null', 'function'];
const member = (name: string) => (/^[A-Za-z_]\w*$/.test(name) && !keywords.includes(name) ? name : `\`${name}\``);

/** A copy in which every expression sees the first execution. A Comment is not evaluated, whatever it looks like. */
function carried<Owner extends object>(owner: Owner): Owner {
  return Object.fromEntries(
    Object.entries(owner).map(([field, value]): [string, unknown] => {
      if (field === 'Comment') return [field, value];
      if (field === 'States') return [field, mapValues(value, (state: State, name) => inState(name, state))];
      if (['Choices', 'Catch', 'Branches'].includes(field)) return [field, value.map(carried)];
      if (['ItemProcessor', 'Iterator'].includes(field)) return [field, isOwnExecution(value) ? value : carried(value)];
      return [field, carriedTemplate(value)];
    }),
  ) as Owner;
}

function inState(name: string, state: State): State {
  try {
    return carried(state);
  } catch (error) {
    // The innermost state is the one to look at.
    if (groupsOf(state).length > 0) throw error;
    throw new Error(`${name}: ${(error as Error).message}`);
  }
}

/** The items of a distributed Map are executions of their own, which began after the resumption. */
const isOwnExecution = (processor: { ProcessorConfig?: { Mode?: string } }) =>
  processor.ProcessorConfig?.Mode === 'DISTRIBUTED';

function carriedTemplate(value: unknown): unknown {
  if (isExpression(value)) return withCarriedExecution(value);
  if (Array.isArray(value)) return value.map(carriedTemplate);
  return typeof value === 'object' && value !== null ? mapValues(value, carriedTemplate) : value;
}

function mapValues(object: object, change: (value: never, name: string) => unknown): object {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(value as never, name)]));
}
