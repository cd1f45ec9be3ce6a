import { ServiceError } from './ports.ts';

/** Where the runtime pretends to be. */
export interface Place {
  partition: string;
  region: string;
  account: string;
}

export interface StateMachineName {
  kind: 'stateMachine' | 'version' | 'alias';
  /** Without version and alias. */
  stateMachineArn: string;
  name: string;
  /** Version number or alias name. */
  qualifier?: string;
}

function invalid(detail: string): ServiceError {
  return new ServiceError('InvalidArn', `Invalid Arn: '${detail}'`);
}

function split(arn: string): string[] {
  const parts = arn.split(':');
  if (parts[0] !== 'arn' || parts.length < 7) throw invalid(`Invalid ARN prefix: ${arn}`);
  if (parts[2] !== 'states') throw invalid(`Invalid ARN service: ${arn}`);
  return parts;
}

/** `arn:aws:states:<region>:<account>:stateMachine:<name>[:<version or alias>]`. Throws InvalidArn. */
export function parseStateMachineArn(arn: string): StateMachineName {
  const parts = split(arn);
  if (parts[5] !== 'stateMachine') throw invalid(`Resource type not valid in this context: ${parts[5]}`);
  const [name = '', qualifier] = parts.slice(6);
  if (name === '' || parts.length > 8) throw invalid(`Invalid ARN resource: ${arn}`);
  const stateMachineArn = parts.slice(0, 7).join(':');
  if (qualifier === undefined) return { kind: 'stateMachine', stateMachineArn, name };
  return { kind: /^\d+$/.test(qualifier) ? 'version' : 'alias', stateMachineArn, name, qualifier };
}

/** Throws InvalidArn unless it is `arn:aws:states:<region>:<account>:activity:<name>`. */
export function parseActivityArn(arn: string): void {
  const parts = split(arn);
  if (parts[5] !== 'activity') throw invalid(`Resource type not valid in this context: ${parts[5]}`);
  if (parts.length !== 7) throw invalid(`Invalid ARN resource: ${arn}`);
}

/** Throws InvalidArn unless it is the ARN of a standard execution; Express executions keep no history to ask for. */
export function checkExecutionArn(arn: string): void {
  const parts = split(arn);
  if (parts[5] !== 'execution') throw invalid(`Resource type not valid in this context: ${parts[5]}`);
  if (parts.length !== 8) throw invalid(`Invalid ARN resource: ${arn}`);
}

export function stateMachineArn({ partition, region, account }: Place, name: string): string {
  return `arn:${partition}:states:${region}:${account}:stateMachine:${name}`;
}

/** The name of the state machine is part of an execution's ARN, a version or alias is not. */
export function executionArn(stateMachine: string, name: string): string {
  return `${stateMachine.replace(':stateMachine:', ':execution:')}:${name}`;
}

export function expressExecutionArn(stateMachine: string, name: string, uuid: string): string {
  return `${stateMachine.replace(':stateMachine:', ':express:')}:${name}:${uuid}`;
}
