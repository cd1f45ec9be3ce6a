import { z } from 'zod';
import { carrierShipmentSchema } from '../lambdas/domain/carrier-shipment.ts';
import { carriers, paymentGateways } from '../lambdas/env.ts';
import { type Deployment, longestDeploymentMinutes, shiftingMinutes } from './deployment.ts';
import type { OutsideParties } from './outside-parties.ts';

const mailAddress = z.email('must be a mail address');
/** A context value that may be left empty in cdk.json or on the command line (`-c key=`). */
const optional = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess((value) => (value === '' || value === undefined ? undefined : value), schema.optional());

/** From cdk.json it comes as a number, from `-c` as text. */
const wholeNumber = (from: number, to: number) => {
  const message = `must be a whole number from ${from} to ${to}`;
  return z.coerce.number(message).int(message).min(from, message).max(to, message);
};

const oneOf = <const Names extends readonly [string, ...string[]]>(names: Names) =>
  optional(z.enum(names, `must be ${names.join(' or ')}`));

/** In cdk.json it may be an object, from `-c` it comes as text. */
const json = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess((value, context) => {
    if (typeof value !== 'string') return value;
    try {
      return JSON.parse(value);
    } catch {
      context.addIssue({ code: 'custom', message: 'must be JSON' });
      return z.NEVER;
    }
  }, schema);

const schema = z
  .object({
    stage: z.enum(['prod', 'dev'], 'must be prod or dev'),
    deployment: optional(z.enum(['all-at-once', 'canary', 'linear'], 'must be all-at-once, canary or linear')),
    // The limits of AWS::StepFunctions::StateMachineAlias DeploymentPreference.
    deploymentPercentage: optional(wholeNumber(1, 99)),
    deploymentIntervalMinutes: optional(wholeNumber(1, longestDeploymentMinutes)),
    // Becomes part of descriptions, which have 256 characters.
    publishAgain: optional(z.string().max(100, 'must be at most 100 characters')),
    jwtIssuer: optional(z.url({ protocol: /^https?$/, error: 'must be the URL of a JWT issuer' })),
    jwtAudience: optional(z.string()),
    // RFC 6749, section 3.3
    jwtStaffScope: optional(z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'must be one scope, without blanks')),
    paymentGateway: oneOf(paymentGateways),
    carrier: oneOf(carriers),
    carrierShipment: optional(json(carrierShipmentSchema)),
    mailFrom: optional(mailAddress),
    warehouseEmail: optional(mailAddress),
    supervisorEmail: optional(mailAddress),
    operatorEmail: optional(mailAddress),
    alarmEmail: optional(mailAddress),
  })
  .superRefine((settings, context) => {
    const require = (
      key: 'jwtAudience' | 'warehouseEmail' | 'supervisorEmail' | 'operatorEmail' | 'carrierShipment',
      because: string,
    ) => {
      if (settings[key] === undefined)
        context.addIssue({ code: 'custom', path: [key], message: `must be set, ${because}` });
    };
    if (settings.jwtIssuer) require('jwtAudience', 'because jwtIssuer is set');
    // A link mailed to nobody would only be missed when its wait expires, days later.
    if (settings.mailFrom) {
      require('warehouseEmail', 'because mailFrom is set and so mail goes out');
      require('supervisorEmail', 'because mailFrom is set and so mail goes out');
      require('operatorEmail', 'because mailFrom is set and so mail goes out');
    }
    if (settings.carrier === 'easypost') require('carrierShipment', 'because carrier is easypost');
    const deployment = deploymentOf(settings);
    if (deployment.type === 'all-at-once' || deployment.intervalMinutes > longestDeploymentMinutes) return;
    const minutes = shiftingMinutes(deployment);
    if (minutes > longestDeploymentMinutes) {
      context.addIssue({
        code: 'custom',
        path: ['deploymentIntervalMinutes'],
        message: `must be shorter, or deploymentPercentage higher: ${deployment.percentage} % at a time take ${minutes} minutes, and CloudFormation allows ${longestDeploymentMinutes}`,
      });
    }
  });

/** What may differ between two deployments of the stack. */
export interface Settings {
  /** `prod` keeps data when the stack is deleted and protects the tables; `dev` leaves nothing behind. */
  stage: 'prod' | 'dev';
  /**
   * Who signs the tokens that the API accepts; without it the API takes IAM signatures. A token must have `staffScope` on
   * the routes that are not for customers.
   */
  jwt?: { issuer: string; audience: string[]; staffScope: string };
  /** Who charges, ships and mails: sandboxes, unless told otherwise. */
  parties: OutsideParties;
  contacts: { warehouse: string; supervisor: string; operator: string };
  /** Who is mailed when an alarm goes off. */
  alarmEmail?: string;
  /** How new orders come to a new version of the process. */
  deployment: Deployment;
  /** Another text than before publishes every step again, also one that did not change. */
  publishAgain?: string;
}

/**
 * Parses the CDK context (cdk.json, `-c key=value`). Throws one sentence per wrong value.
 * @param contextValue looks up one context key
 */
export function readSettings(contextValue: (key: string) => unknown): Settings {
  const parsed = schema.safeParse(Object.fromEntries(Object.keys(schema.shape).map((key) => [key, contextValue(key)])));
  if (!parsed.success) {
    const sentences = parsed.error.issues.map((issue) => {
      const key = issue.path.join('.');
      // Of a member of a JSON object zod says itself what was found.
      if (issue.path.length > 1) return `context ${key}: ${issue.message}`;
      return `context ${key} ${issue.message}, found ${JSON.stringify(contextValue(key)) ?? 'nothing'}`;
    });
    throw new Error(`${sentences.join('; ')} (set it in cdk.json or with -c key=value)`);
  }
  const {
    stage,
    jwtIssuer,
    jwtAudience,
    jwtStaffScope = 'staff',
    paymentGateway = paymentGateways[0],
    carrier = carriers[0],
    carrierShipment,
    mailFrom,
    alarmEmail,
    publishAgain,
    ...emails
  } = parsed.data;
  return {
    stage,
    ...(jwtIssuer && jwtAudience
      ? { jwt: { issuer: jwtIssuer, audience: jwtAudience.split(','), staffScope: jwtStaffScope } }
      : {}),
    parties: {
      paymentGateway,
      carrier,
      ...(carrierShipment ? { carrierShipment: JSON.stringify(carrierShipment) } : {}),
      ...(mailFrom ? { mailFrom } : {}),
    },
    contacts: {
      // Only ever seen in the sandbox outbox: with `mailFrom` all three must be set.
      warehouse: emails.warehouseEmail ?? 'warehouse@example.com',
      supervisor: emails.supervisorEmail ?? 'supervisor@example.com',
      operator: emails.operatorEmail ?? 'operator@example.com',
    },
    ...(alarmEmail ? { alarmEmail } : {}),
    deployment: deploymentOf(parsed.data),
    ...(publishAgain ? { publishAgain } : {}),
  };
}

function deploymentOf({
  deployment = 'all-at-once',
  deploymentPercentage = 10,
  deploymentIntervalMinutes = 5,
}: {
  deployment?: Deployment['type'] | undefined;
  deploymentPercentage?: number | undefined;
  deploymentIntervalMinutes?: number | undefined;
}): Deployment {
  if (deployment === 'all-at-once') return { type: deployment };
  return { type: deployment, percentage: deploymentPercentage, intervalMinutes: deploymentIntervalMinutes };
}
