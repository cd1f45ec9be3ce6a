import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { projectRoot } from '../../lib/bundle.ts';
import { routes } from '../../lib/order-api.ts';
import { steps } from '../../statemachines/order-fulfillment.steps.ts';
import { realProviders, synthesizeOrders } from './synthesized.ts';

const pascalCase = (name: string) => name.replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** Function -> its handler file, from the project's root. */
const handlers: Record<string, string> = {
  ...Object.fromEntries(Object.entries(steps).map(([name, { handler }]) => [`OrderFulfillment/${name}`, handler])),
  ...Object.fromEntries(Object.keys(routes).map((name) => [`Api/${pascalCase(name)}`, `lambdas/api/${name}.ts`])),
  'CallbackKeys/Rotate': 'lambdas/waits/rotate-callback-keys.ts',
  'Waits/OpenWait': 'lambdas/waits/open-wait.ts',
  'Waits/DeliverAnswer': 'lambdas/waits/deliver-answer.ts',
  'Waits/FailDeadWait': 'lambdas/waits/fail-dead-wait.ts',
  'Waits/RemindWait': 'lambdas/waits/remind-wait.ts',
  'Detector/FindStuck': 'lambdas/waits/find-stuck.ts',
};

/** Loads one bundle after the other, each under its own environment; prints what went wrong. */
const loader = `
  const functions = JSON.parse(process.env.FUNCTIONS);
  const failures = [];
  for (const { name, file, environment } of functions) {
    process.env = { ...environment, AWS_LAMBDA_FUNCTION_NAME: name, AWS_REGION: 'us-east-1', POWERTOOLS_TRACE_ENABLED: 'false' };
    try {
      const { handler } = await import(file);
      if (typeof handler !== 'function') failures.push(name + ': exports no handler');
    } catch (error) {
      failures.push(name + ': ' + error.message);
    }
  }
  console.log(JSON.stringify(failures));
`;

describe.each([
  ['with sandboxes', {}],
  ['with Stripe, EasyPost and SES', realProviders],
])('every function, %s', (_, context) => {
  it('starts with the environment that its template gives it, and no other', () => {
    const orders = synthesizeOrders(context);
    const functions = orders.functions().map(({ name, assetFolder, environment }) => ({
      name,
      file: `file://${join(assetFolder, 'index.mjs')}`,
      environment: Object.fromEntries(Object.entries(environment).map(([key, value]) => [key, orders.text(value)])),
    }));
    const printed = execFileSync(process.execPath, ['--input-type=module', '-e', loader], {
      env: { FUNCTIONS: JSON.stringify(functions) },
      encoding: 'utf8',
    });
    expect(JSON.parse(printed.trim().split('\n').at(-1)!)).toEqual([]);
  });
});

/** Operations of AWS that are in a bundle although nobody calls them: the pagers of the document client, discovery. */
const incidental = ['dynamodb:Query', 'dynamodb:Scan', 'dynamodb:DescribeEndpoints'];

const services: Record<string, string> = {
  'client-dynamodb': 'dynamodb',
  'client-sfn': 'states',
  'client-secrets-manager': 'secretsmanager',
  'client-sesv2': 'ses',
  'client-scheduler': 'scheduler',
};

/** Imported only when there is need: what they call is not shaken, and is said here. */
const dynamic: Record<string, readonly string[]> = {
  'ses-mailer.ts': ['ses:SendEmail'],
  'object-store.ts': ['s3:GetObject', 's3:PutObject'],
};

/** The same, of vendors: who may use one can read its key. */
const vendors: Record<string, string> = {
  'stripe-from-env.ts': 'STRIPE_KEY_SECRET_ARN',
  'easypost-from-env.ts': 'EASYPOST_KEY_SECRET_ARN',
};
const later = [...Object.keys(dynamic), ...Object.keys(vendors)];

/** What is left of the AWS SDK when all that cannot be reached from a handler is shaken off. */
function reachableCalls(): Record<string, { calls: string[]; later: string[] }> {
  const { metafile } = buildSync({
    absWorkingDir: projectRoot,
    entryPoints: Object.entries(handlers).map(([name, file]) => ({ in: file, out: name })),
    outdir: 'out',
    outbase: '.',
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'esm',
    mainFields: ['module', 'main'],
    logLevel: 'error',
    external: later.map((file) => `*/${file}`),
  });
  return Object.fromEntries(
    Object.entries(metafile.outputs).map(([output, { inputs, imports }]) => {
      const files = Object.entries(inputs).filter(([, { bytesInOutput }]) => bytesInOutput > 0);
      const calls = files.flatMap(([file]) => {
        const [, client, operation] = /@aws-sdk\/(client-[a-z0-9-]+)\/.*commands\/(\w+)Command\.js$/.exec(file) ?? [];
        return client ? [`${services[client] ?? client}:${operation}`] : [];
      });
      return [
        output.replace(/^out\/|\.js$/g, ''),
        {
          calls: calls.filter((call) => !incidental.includes(call)),
          later: later.filter((name) => imports.some(({ path }) => path.endsWith(`/${name}`))),
        },
      ];
    }),
  );
}

describe('what a handler can call', () => {
  const orders = synthesizeOrders(realProviders);
  const reachable = reachableCalls();
  // A transaction needs the rights to what is in it, which only a run can tell.
  const inTransactions = [
    'dynamodb:PutItem',
    'dynamodb:UpdateItem',
    'dynamodb:DeleteItem',
    'dynamodb:ConditionCheckItem',
  ];

  it.each(Object.keys(handlers))('%s may, and what it may it can', (name) => {
    const allowed = new Set(orders.function(name).statements.flatMap(({ actions }) => actions));
    const called = new Set(reachable[name]!.calls);
    const transacts = called.delete('dynamodb:TransactWriteItems');
    expect([...called].filter((call) => !allowed.has(call))).toEqual([]);
    if (transacts) expect(inTransactions.some((action) => allowed.has(action))).toBe(true);
    const unused = [...allowed].filter(
      (action) =>
        action.startsWith('dynamodb:') &&
        !called.has(action) &&
        !incidental.includes(action) &&
        !(transacts && inTransactions.includes(action)) &&
        !/Stream|ShardIterator|GetRecords/.test(action),
    );
    expect(unused).toEqual([]);
  });

  it.each(Object.entries(dynamic))('whoever imports %s may, and nobody else', (file, actions) => {
    for (const { name, statements } of orders.functions()) {
      const allowed = new Set(statements.flatMap((statement) => statement.actions));
      const may = actions.some((action) => allowed.has(action));
      expect([name, may]).toEqual([name, reachable[name]!.later.includes(file)]);
    }
  });

  it.each(Object.entries(vendors))('whoever imports %s has a key of theirs, and nobody else', (file, variable) => {
    for (const { name, environment } of orders.functions()) {
      expect([name, variable in environment]).toEqual([name, reachable[name]!.later.includes(file)]);
    }
  });
});
