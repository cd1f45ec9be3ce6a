import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { OrderStack } from '../../lib/order-stack.ts';
import { readSettings } from '../../lib/settings.ts';

// biome-ignore lint/suspicious/noExplicitAny: a template is JSON that tests look into
type Json = any;

export interface Resource {
  id: string;
  /** Construct path without the stack: `Api/GetOrder/Resource`. */
  path: string;
  type: string;
  properties: Json;
  deletionPolicy: string | undefined;
}

export interface Statement {
  actions: string[];
  resources: string[];
  condition: Json;
}

export interface SynthesizedFunction {
  /** Construct path: `OrderFulfillment/ChargePayment`. */
  name: string;
  resource: Resource;
  environment: Record<string, Json>;
  /** Folder with its bundle. */
  assetFolder: string;
  statements: Statement[];
}

const { context: cdkJson } = JSON.parse(readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8'));

const metadata = { 'aws:cdk:enable-path-metadata': true, 'aws:cdk:enable-asset-metadata': true };

/** An app with the context of cdk.json, without the validation that CI runs once (it takes 1.7 s). */
export function newApp(context: Record<string, unknown> = {}): App {
  const outdir = mkdtempSync(join(tmpdir(), 'waybill-lib-test-'));
  return new App({ context: { ...cdkJson, ...metadata, ...context }, outdir, builtinCloudFormationValidation: false });
}

/** Context with which everything outside is real. */
export const realProviders = {
  paymentGateway: 'stripe',
  carrier: 'easypost',
  carrierShipment: {
    from: { name: 'Shop', line1: '1 Main St', city: 'Portland', region: 'OR', postalCode: '97201', country: 'US' },
    parcel: { lengthIn: 10, widthIn: 8, heightIn: 4, weightOz: 20 },
  },
  mailFrom: 'orders@shop.test',
  warehouseEmail: 'w@shop.test',
  supervisorEmail: 's@shop.test',
  operatorEmail: 'o@shop.test',
};

const synthesized = new Map<string, Synthesized>();

/**
 * The order stack as it would be deployed with this context on top of cdk.json. Half a second of work, so the files that run in one
 * process share what is made of the same context: look at it, change nothing.
 */
export function synthesizeOrders(context: Record<string, unknown> = {}): Synthesized {
  const key = JSON.stringify(context);
  const known = synthesized.get(key);
  if (known) return known;
  const app = newApp(context);
  const stack = new OrderStack(
    app,
    'orders',
    readSettings((name) => app.node.tryGetContext(name)),
  );
  const made = new Synthesized(stack);
  synthesized.set(key, made);
  return made;
}

/** A stack of one's own. */
export function synthesizeStack(fill: (stack: Stack) => void): Synthesized {
  const stack = new Stack(newApp(), 'own');
  fill(stack);
  return new Synthesized(stack);
}

/** A template, and the questions that tests ask of it. */
export class Synthesized {
  readonly stack: Stack;
  readonly template: Json;
  readonly resources: Resource[];
  private readonly folder: string;

  constructor(stack: Stack) {
    this.stack = stack;
    const assembly = (stack.node.root as App).synth();
    this.folder = assembly.directory;
    this.template = assembly.getStackByName(stack.stackName).template;
    this.resources = Object.entries<Json>(this.template.Resources).map(([id, resource]) => ({
      id,
      path: (resource.Metadata?.['aws:cdk:path'] ?? id).replace(`${stack.node.id}/`, ''),
      type: resource.Type,
      properties: resource.Properties,
      deletionPolicy: resource.DeletionPolicy,
    }));
  }

  ofType(type: string): Resource[] {
    return this.resources.filter((resource) => resource.type === type);
  }

  /** The one resource of a type whose path begins so. */
  one(type: string, path = ''): Resource {
    const found = this.ofType(type).filter((resource) => resource.path.startsWith(path));
    if (found.length !== 1) throw new Error(`${found.length} resources of type ${type} at ${path}`);
    return found[0]!;
  }

  functions(): SynthesizedFunction[] {
    return this.ofType('AWS::Lambda::Function').map((resource) => ({
      name: resource.path.replace('/Resource', ''),
      resource,
      environment: resource.properties.Environment?.Variables ?? {},
      assetFolder: join(this.folder, this.template.Resources[resource.id].Metadata['aws:asset:path']),
      statements: this.statementsOf(resource.properties.Role['Fn::GetAtt'][0]),
    }));
  }

  function(name: string): SynthesizedFunction {
    const found = this.functions().find((fn) => fn.name === name);
    if (!found) throw new Error(`no function ${name}`);
    return found;
  }

  /** Allowed by the policies of a role, resources as text: `Orders.Arn`, `Orders.Arn/index/byStatus`, `*`. */
  statementsOf(roleId: string): Statement[] {
    const role = this.resources.find(({ id }) => id === roleId)!;
    const policies = this.ofType('AWS::IAM::Policy').filter(({ properties }) =>
      properties.Roles.some((ref: Json) => ref.Ref === roleId),
    );
    const documents = [
      ...policies.map(({ properties }) => properties.PolicyDocument),
      ...(role.properties.Policies ?? []).map((policy: Json) => policy.PolicyDocument),
    ];
    return documents
      .flatMap((document) => document.Statement)
      .map((statement) => ({
        actions: [statement.Action].flat(),
        resources: [statement.Resource].flat().map((resource) => this.text(resource)),
        condition: statement.Condition,
      }));
  }

  /** An intrinsic as text, logical ids replaced by construct paths: `Storage/Orders.Arn`. */
  text(value: Json): string {
    if (typeof value === 'string') return value;
    if (value.Ref) return this.nameOf(value.Ref);
    if (value['Fn::GetAtt']) return `${this.nameOf(value['Fn::GetAtt'][0])}.${value['Fn::GetAtt'][1]}`;
    if (value['Fn::Join']) return value['Fn::Join'][1].map((part: Json) => this.text(part)).join(value['Fn::Join'][0]);
    return JSON.stringify(value);
  }

  private nameOf(logicalId: string): string {
    const resource = this.resources.find(({ id }) => id === logicalId);
    return resource ? resource.path.replace('/Resource', '') : logicalId;
  }
}
