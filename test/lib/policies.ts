import type { Synthesized } from './synthesized.ts';

// biome-ignore lint/suspicious/noExplicitAny: a template is JSON that tests look into
type Json = any;

export interface Request {
  action: string;
  resource: string;
  context?: Record<string, string>;
}

/** Identity policies of a synthesised stack, evaluated as IAM does: what is not allowed is denied, and a denial wins. */
export class Policies {
  private readonly stack: Synthesized;

  constructor(stack: Synthesized) {
    this.stack = stack;
  }

  /** @param construct path of a Lambda or a state machine */
  allow(construct: string, request: Request): boolean {
    const matching = this.statements(construct).filter((statement) => this.matches(statement, request));
    return matching.length > 0 && matching.every(({ Effect }) => Effect === 'Allow');
  }

  /** The ARN of a function or a state machine, as if its physical name were its logical id. */
  arn(construct: string): string {
    const { id, type } = this.resource(construct);
    return this.text({ 'Fn::GetAtt': [id, type === 'AWS::StepFunctions::StateMachine' ? 'Ref' : 'Arn'] });
  }

  private resource(construct: string) {
    const found = this.stack.resources.find(({ path }) => path === `${construct}/Resource`);
    if (!found) throw new Error(`there is no ${construct}`);
    return found;
  }

  private statements(construct: string): Json[] {
    const { properties } = this.resource(construct);
    const roleId = (properties.Role ?? properties.RoleArn)['Fn::GetAtt'][0];
    return this.stack
      .ofType('AWS::IAM::Policy')
      .filter(({ properties: policy }) => policy.Roles.some(({ Ref }: Json) => Ref === roleId))
      .flatMap(({ properties: policy }) => policy.PolicyDocument.Statement);
  }

  private matches(statement: Json, { action, resource, context = {} }: Request): boolean {
    const actions: string[] = [statement.Action].flat();
    const resources: string[] = [statement.Resource].flat().map((each) => this.text(each));
    // Every operator of our policies compares text; an absent key does not match.
    const conditions: Json[] = Object.values(statement.Condition ?? {}).flatMap((keys: Json) => Object.entries(keys));
    return (
      actions.some((pattern) => wildcard(pattern).test(action)) &&
      resources.some((pattern) => wildcard(pattern).test(resource)) &&
      conditions.every(([key, values]) => [values].flat().some((value) => this.text(value) === context[key]))
    );
  }

  /** An intrinsic with the values that a deployment in one account would give it. */
  private text(value: Json): string {
    if (typeof value === 'string') return value;
    if (value['Fn::Join']) return value['Fn::Join'][1].map((part: Json) => this.text(part)).join(value['Fn::Join'][0]);
    const [id, attribute] = value.Ref ? [value.Ref, 'Ref'] : value['Fn::GetAtt'];
    if (pseudo[id]) return pseudo[id];
    const prefix = arnPrefixes[this.stack.resources.find((each) => each.id === id)!.type];
    if (prefix && (attribute === 'Arn' || prefix.startsWith('arn:aws:states'))) return `${prefix}${id}`;
    return `${id}.${attribute}`;
  }
}

const pseudo: Record<string, string> = {
  'AWS::Partition': 'aws',
  'AWS::Region': 'eu-west-1',
  'AWS::AccountId': '111122223333',
};
const arnPrefixes: Record<string, string> = {
  'AWS::Lambda::Function': 'arn:aws:lambda:eu-west-1:111122223333:function:',
  'AWS::StepFunctions::StateMachine': 'arn:aws:states:eu-west-1:111122223333:stateMachine:',
};

const wildcard = (pattern: string) =>
  new RegExp(
    `^${pattern
      .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  );
