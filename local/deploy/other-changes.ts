import { isDeepStrictEqual } from 'node:util';
import { CannotStart } from '../cannot-start.ts';
import type { Assembly, Resource } from '../template/load-assembly.ts';

/** What a runtime that is up takes up, new, changed or gone. */
const TAKEN_UP = new Set([
  'AWS::Lambda::Function',
  'AWS::Lambda::Version',
  'AWS::Lambda::Alias',
  'AWS::Lambda::EventInvokeConfig',
  'AWS::StepFunctions::StateMachine',
  'AWS::StepFunctions::StateMachineVersion',
  'AWS::StepFunctions::StateMachineAlias',
  'AWS::ApiGatewayV2::Route',
  'AWS::ApiGatewayV2::Integration',
  'AWS::ApiGatewayV2::Authorizer',
]);
/** Taken up when changed; a new one would need a port. */
const CHANGED_IN_PLACE = new Set(['AWS::ApiGatewayV2::Api', 'AWS::ApiGatewayV2::Stage']);

/** Throws a sentence that names everything that differs and needs a restart. `next` knows what `current` knows. */
export function refuseOtherChanges(current: Assembly, next: Assembly): void {
  if (next.stackName !== current.stackName) {
    throw new CannotStart(`The app is the stack ${next.stackName} now, and ${current.stackName} runs here.`);
  }
  const before = fixed(current);
  const after = fixed(next);
  const described = ({ logicalId, type }: Resource, how: string) => `${logicalId} (${type}) is ${how}`;
  const differences = [
    ...[...after.values()].flatMap((resource) => {
      const known = before.get(resource.logicalId);
      if (known?.type !== resource.type) return [described(resource, 'new')];
      if (CHANGED_IN_PLACE.has(resource.type) || isDeepStrictEqual(known.properties, resource.properties)) return [];
      return [described(resource, 'changed')];
    }),
    ...[...before.values()]
      .filter(({ logicalId, type }) => after.get(logicalId)?.type !== type)
      .map((resource) => described(resource, 'gone')),
  ];
  if (differences.length === 0) return;
  throw new CannotStart(
    `A runtime that is up takes up functions, state machines and routes of HTTP APIs. What else changed needs a restart (Ctrl-C, npm start): ${differences.join(', ')}.`,
  );
}

const fixed = (assembly: Assembly) =>
  new Map(
    assembly.resources.filter(({ type }) => !TAKEN_UP.has(type)).map((resource) => [resource.logicalId, resource]),
  );
