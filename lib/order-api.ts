import { Stack, Validations } from 'aws-cdk-lib';
import {
  type CfnStage,
  HttpApi,
  HttpMethod,
  HttpNoneAuthorizer,
  HttpStage,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpIamAuthorizer, HttpJwtAuthorizer } from 'aws-cdk-lib/aws-apigatewayv2-authorizers';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Grants } from '../statemachines/step-row.ts';
import { mailsContacts } from './contact-mails.ts';
import { NodeFunction } from './node-function.ts';
import type { Permissions } from './permissions.ts';
import { vendedLogGroupOptions } from './retention.ts';
import type { Settings } from './settings.ts';
import type { Workflow } from './workflow.ts';

interface Route {
  method: HttpMethod;
  path: string;
  /** Also answers HEAD, which HTTP API takes for another route: mail scanners and link previews ask that way. */
  head?: true;
  /** Why anyone may call it: who checks the caller instead. Without it the caller is authenticated by API Gateway. */
  public?: string;
  /** Any token of the JWT issuer may call it, about what its owner has placed. Every other route is for staff, whose tokens have the scope that says so. */
  forCustomers?: true;
  grants: Grants;
  /** What it may do with the executions of the process. */
  executions?: readonly ('start' | 'describe')[];
  /** It makes links, so it must know where they point. */
  makesLinks?: boolean;
  /** It mails whoever is asked about a wait, with a link. */
  mailsContacts?: boolean;
}

/** File in lambdas/api -> its route. */
export const routes: Readonly<Record<string, Route>> = {
  'place-order': {
    method: HttpMethod.POST,
    path: '/orders',
    forCustomers: true,
    grants: { tables: { orders: ['GetItem'] }, buckets: { orderLines: { placed: ['PutObject'] } } },
    executions: ['start', 'describe'],
  },
  'get-order': {
    method: HttpMethod.GET,
    path: '/orders/{orderId}',
    forCustomers: true,
    grants: { tables: { orders: ['GetItem'] }, buckets: { orderLines: { orders: ['GetObject'] } } },
    executions: ['describe'],
  },
  'list-orders': { method: HttpMethod.GET, path: '/orders', grants: { tables: { orders: ['Query'] } } },
  'list-order-events': {
    method: HttpMethod.GET,
    path: '/orders/{orderId}/events',
    forCustomers: true,
    grants: { tables: { orders: ['Query', 'GetItem'] } },
    executions: ['describe'],
  },
  'cancel-order': {
    method: HttpMethod.POST,
    path: '/orders/{orderId}/cancellation',
    forCustomers: true,
    grants: { tables: { orders: ['GetItem', 'PutItem'], waits: ['UpdateItem'] } },
    executions: ['describe'],
  },
  'list-waits': {
    method: HttpMethod.GET,
    path: '/waits',
    grants: { tables: { waits: ['Query'] }, secrets: ['callbackKeys'] },
    makesLinks: true,
  },
  'show-wait': {
    method: HttpMethod.GET,
    path: '/waits/{waitId}',
    head: true,
    public: 'the link is signed; the page changes nothing',
    grants: {
      tables: { waits: ['GetItem'], orders: ['GetItem'] },
      buckets: { orderLines: { orders: ['GetObject'] } },
      secrets: ['callbackKeys'],
    },
  },
  'answer-wait': {
    method: HttpMethod.POST,
    path: '/waits/{waitId}',
    public: 'the link is signed, expires, and takes one answer',
    grants: { tables: { waits: ['GetItem', 'UpdateItem'], orders: ['GetItem'] }, secrets: ['callbackKeys'] },
  },
  'resend-link': {
    method: HttpMethod.POST,
    path: '/waits/{waitId}/links',
    grants: {
      tables: { waits: ['GetItem', 'UpdateItem'], orders: ['GetItem'] },
      secrets: ['callbackKeys'],
      sendMail: true,
    },
    mailsContacts: true,
  },
  inbox: {
    method: HttpMethod.GET,
    path: '/inbox',
    head: true,
    public: 'the link is signed for one person in one role, and expires; the page changes nothing',
    grants: {
      tables: { waits: ['Query', 'GetItem'], orders: ['GetItem'] },
      buckets: { orderLines: { orders: ['GetObject'] } },
      secrets: ['callbackKeys'],
    },
  },
  'inbox-answer': {
    method: HttpMethod.POST,
    path: '/inbox/answers',
    public: 'the link is signed for one person in one role, and expires',
    grants: { tables: { waits: ['GetItem', 'UpdateItem'] }, secrets: ['callbackKeys'] },
  },
  'inbox-claim': {
    method: HttpMethod.POST,
    path: '/inbox/claims',
    public: 'the link is signed for one person in one role, and expires',
    grants: { tables: { waits: ['GetItem', 'UpdateItem'] }, secrets: ['callbackKeys'] },
  },
  'inbox-link': {
    method: HttpMethod.POST,
    path: '/inbox-links',
    grants: { secrets: ['callbackKeys'] },
    makesLinks: true,
  },
  'inbox-script': { method: HttpMethod.GET, path: '/inbox.js', public: 'a script without data', grants: {} },
  'carrier-event': {
    method: HttpMethod.POST,
    path: '/carrier-events',
    public: 'the body is signed by the carrier, checked before it is parsed',
    grants: {
      tables: { orders: ['GetItem', 'UpdateItem'], waits: ['UpdateItem'], idempotency: ['PutItem'] },
      carrier: 'events',
    },
  },
  openapi: { method: HttpMethod.GET, path: '/openapi.json', public: 'a description without data', grants: {} },
};

/** A Lambda behind HTTP API is cut off after 30 s; nothing here takes more than a few calls to a table. */
const timeoutSeconds = 10;

export interface OrderApiProps {
  permissions: Permissions;
  workflow: Workflow;
  contacts: Settings['contacts'];
  jwt?: Settings['jwt'];
}

/** The HTTP API: one Lambda per route, IAM signatures or a JWT issuer's tokens, throttled and logged. */
export class OrderApi extends Construct {
  readonly api: HttpApi;
  readonly functions: Readonly<Record<string, NodeFunction>>;

  constructor(scope: Construct, id: string, props: OrderApiProps) {
    super(scope, id);
    this.api = new HttpApi(this, 'Http', {
      createDefaultStage: false,
      apiName: Stack.of(this).stackName,
      // Of every route that does not say that it is public.
      defaultAuthorizer: props.jwt
        ? new HttpJwtAuthorizer('Jwt', props.jwt.issuer, { jwtAudience: props.jwt.audience })
        : new HttpIamAuthorizer(),
      defaultAuthorizationScopes: props.jwt ? [props.jwt.staffScope] : [],
    });
    this.addStage();
    this.functions = Object.fromEntries(
      Object.entries(routes).map(([name, route]) => [name, this.addRoute(name, route, props)]),
    );
  }

  private addRoute(name: string, route: Route, props: OrderApiProps): NodeFunction {
    const id = pascalCase(name);
    const fn = new NodeFunction(this, id, {
      handler: `lambdas/api/${name}.ts`,
      timeoutSeconds,
      service: 'api',
      description: `${route.method} ${route.path}`,
    });
    props.permissions.apply(fn, route.grants, `route ${route.method} ${route.path}`);
    if (route.executions) {
      fn.setEnv('STATE_MACHINE_ARN', props.workflow.liveArn);
      if (route.executions.includes('start')) props.workflow.grantStart(fn);
      if (route.executions.includes('describe')) props.workflow.grantDescribe(fn);
    }
    // Whoever is no staff sees what they have placed, and nothing else.
    if (route.forCustomers && props.jwt) fn.setEnv('JWT_STAFF_SCOPE', props.jwt.staffScope);
    if (route.makesLinks) fn.setEnv('CALLBACK_BASE_URL', this.api.apiEndpoint);
    if (route.mailsContacts) mailsContacts(fn, props.contacts, this.api.apiEndpoint);
    const added = this.api.addRoutes({
      path: route.path,
      methods: [route.method, ...(route.head ? [HttpMethod.HEAD] : [])],
      integration: new HttpLambdaIntegration(`${id}Integration`, fn),
      ...(route.public && { authorizer: new HttpNoneAuthorizer() }),
      ...((route.public || route.forCustomers) && { authorizationScopes: [] }),
    });
    if (route.public) {
      const reason = `Without authorizer: ${route.public}.`;
      for (const each of added) Validations.of(each).acknowledge({ id: 'AwsSolutions-APIG4', reason });
    }
    return fn;
  }

  private addStage(): void {
    const logGroup = new LogGroup(this, 'AccessLogs', vendedLogGroupOptions(this, 'apis'));
    const stage = new HttpStage(this, 'Stage', {
      httpApi: this.api,
      autoDeploy: true,
      detailedMetricsEnabled: true,
      // Far above what a shop needs and far below what an account shares (10,000 a second), so that a flood of one API
      // does not stop the others.
      throttle: { rateLimit: 200, burstLimit: 400 },
      accessLogSettings: { destination: new LogGroupLogDestination(logGroup) },
    });
    // Our own format: never the query string, in which callback links have their signature.
    (stage.node.defaultChild as CfnStage).addPropertyOverride('AccessLogSettings.Format', JSON.stringify(accessLog));
  }
}

const accessLog = {
  at: '$context.requestTime',
  requestId: '$context.requestId',
  ip: '$context.identity.sourceIp',
  route: '$context.routeKey',
  path: '$context.path',
  status: '$context.status',
  error: '$context.error.message',
  integrationError: '$context.integrationErrorMessage',
  latencyMs: '$context.responseLatency',
};

/** `place-order` -> `PlaceOrder` */
const pascalCase = (name: string) => name.replaceAll(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
