import { Stack, Validations } from 'aws-cdk-lib';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Bucket, CfnBucket } from 'aws-cdk-lib/aws-s3';
import type { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { type EnvName, env } from '../lambdas/env.ts';
import type { Grants, ObjectAction, TableAction } from '../statemachines/step-row.ts';
import type { NodeFunction } from './node-function.ts';
import { mergedTables, type OutsideParties, outsideGrants } from './outside-parties.ts';

export interface GrantedTable {
  table: Table;
  /** Names of its indexes: only Query reaches them. */
  indexes: readonly string[];
}

export interface PermissionsProps {
  tables: Readonly<Record<string, GrantedTable>>;
  buckets?: Readonly<Record<string, Bucket>>;
  secrets?: Readonly<Record<string, Secret>>;
  /** Who charges, ships and mails. Default: the sandboxes. */
  parties?: OutsideParties;
}

const sandboxes: OutsideParties = { paymentGateway: 'sandbox', carrier: 'sandbox' };

/**
 * Turns the grants of a row into IAM statements and environment variables. A function gets what its row names and
 * nothing else: exact actions on exact ARNs (of a bucket: on one folder), and the variable of a table, bucket or secret only together with a right to it.
 */
export class Permissions {
  private readonly props: PermissionsProps;

  constructor(props: PermissionsProps) {
    this.props = props;
  }

  /** @param owner how an error names the row: `state ChargePayment`, `route GET /orders` */
  apply(target: NodeFunction, grants: Grants, owner: string): void {
    const { parties = sandboxes } = this.props;
    const outside = outsideGrants(grants, parties);
    for (const [name, actions] of Object.entries(mergedTables(grants.tables ?? {}, outside.tables))) {
      const { table, indexes } = known(this.props.tables, name, 'table', owner);
      allow(target, table.tableArn, actions);
      if (actions.includes('Query')) {
        for (const index of indexes) allow(target, `${table.tableArn}/index/${index}`, ['Query']);
      }
      target.setEnv(envName(`${constantCase(name)}_TABLE`), table.tableName);
    }
    for (const [name, folders] of Object.entries(grants.buckets ?? {})) {
      const bucket = known(this.props.buckets ?? {}, name, 'bucket', owner);
      for (const [folder, actions] of Object.entries(folders)) allowObjects(target, bucket, folder, actions);
      target.setEnv(envName(`${constantCase(name)}_BUCKET`), bucket.bucketName);
    }
    for (const name of new Set([...(grants.secrets ?? []), ...outside.secrets])) {
      const secret = known(this.props.secrets ?? {}, name, 'secret', owner);
      statement(target, ['secretsmanager:GetSecretValue'], [secret.secretArn]);
      target.setEnv(envName(`${constantCase(name)}_SECRET_ARN`), secret.secretArn);
    }
    for (const [name, value] of Object.entries(outside.environment)) target.setEnv(envName(name), value);
    if (grants.sendMail && parties.mailFrom) allowMail(target, parties.mailFrom);
  }
}

function allowMail(target: NodeFunction, mailFrom: string): void {
  // SES checks the identity that it finds verified: the address, its domain, or a domain above that.
  const labels = mailFrom.slice(mailFrom.indexOf('@') + 1).split('.');
  const identities = [mailFrom, ...labels.slice(0, -1).map((_, index) => labels.slice(index).join('.'))];
  const arn = (name: string) =>
    Stack.of(target).formatArn({ service: 'ses', resource: 'identity', resourceName: name });
  statement(target, ['ses:SendEmail'], identities.map(arn), { StringEquals: { 'ses:FromAddress': mailFrom } });
}

function allow(target: NodeFunction, arn: string, actions: readonly TableAction[]): void {
  statement(
    target,
    actions.map((action) => `dynamodb:${action}`),
    [arn],
  );
}

function allowObjects(target: NodeFunction, bucket: Bucket, folder: string, actions: readonly ObjectAction[]): void {
  statement(
    target,
    actions.map((action) => `s3:${action}`),
    [bucket.arnForObjects(`${folder}/*`)],
  );
  const id = Stack.of(bucket).getLogicalId(bucket.node.defaultChild as CfnBucket);
  Validations.of(target.role!).acknowledge({
    id: `AwsSolutions-IAM5[Resource::<${id}.Arn>/${folder}/*]`,
    reason: 'An object is named after its order: the right is to one folder of one bucket.',
  });
}

function statement(target: NodeFunction, actions: string[], resources: string[], conditions = {}): void {
  target.addToRolePolicy(new PolicyStatement({ effect: Effect.ALLOW, actions, resources, conditions }));
}

function known<Value>(values: Readonly<Record<string, Value>>, name: string, kind: string, owner: string): Value {
  const value = values[name];
  if (value) return value;
  throw new Error(`${owner} is granted the ${kind} ${name}; there is ${Object.keys(values).join(', ') || 'none'}`);
}

/** `callbackKeys` -> `CALLBACK_KEYS` */
const constantCase = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();

function envName(name: string): EnvName {
  if (name in env) return name as EnvName;
  throw new Error(`${name} is not in lambdas/env.ts: add it there with its meaning and unit`);
}
