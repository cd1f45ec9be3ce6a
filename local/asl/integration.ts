import type { State } from './machine.ts';

/** How a Task state talks to what does the work, as its Resource says. */
export interface Integration {
  /** The events' name: LambdaFunctionScheduled, ActivityScheduled, TaskScheduled. */
  events: 'LambdaFunction' | 'Activity' | 'Task';
  /** `lambda`, `aws-sdk:dynamodb`; for a function or an activity the whole ARN. */
  resourceType: string;
  /** `invoke.waitForTaskToken` */
  resource: string;
  /** The task goes on after the request: `.sync`, `.sync:2`, `.waitForTaskToken`, activities. Only these know their token. */
  waits: boolean;
}

const known = new WeakMap<State, Integration>();

/** https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html */
export function integrationOf(state: State): Integration {
  let integration = known.get(state);
  if (!integration) {
    integration = parseResource(String(state.fields.Resource ?? ''));
    known.set(state, integration);
  }
  return integration;
}

function parseResource(arn: string): Integration {
  const [, , service, region, , ...rest] = arn.split(':');
  if (service === 'states' && region === '') {
    const type = rest[0] === 'aws-sdk' ? rest.slice(0, 2) : rest.slice(0, 1);
    const resource = rest.slice(type.length).join(':');
    const waits = /\.(sync(:2)?|waitForTaskToken)$/.test(resource);
    return { events: 'Task', resourceType: type.join(':'), resource, waits };
  }
  const isActivity = service === 'states' && rest[0] === 'activity';
  return { events: isActivity ? 'Activity' : 'LambdaFunction', resourceType: arn, resource: arn, waits: isActivity };
}
