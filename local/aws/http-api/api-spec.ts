import { z } from 'zod';
import { CannotStart } from '../../cannot-start.ts';
import type { Assembly, Resource } from '../../template/load-assembly.ts';
import { Flag, parseProperties } from '../../template/parse-properties.ts';

/** An HTTP API with all that belongs to it. */
export interface ApiSpec {
  logicalId: string;
  apiId: string;
  name: string;
  /** `$default`, or a name that is the first part of every path. */
  stage: string;
  stageVariables: Record<string, string>;
  routes: RouteSpec[];
  cors?: CorsSpec;
}

export interface RouteSpec {
  /** `GET /orders/{orderId}` or `$default`. */
  routeKey: string;
  authorizer: { type: 'NONE' } | { type: 'AWS_IAM' } | JwtAuthorizerSpec;
  /** ARN of a function, version or alias. */
  functionArn: string;
  timeoutMs: number;
}

export interface JwtAuthorizerSpec {
  type: 'JWT';
  issuer: string;
  audience: string[];
  /** `$request.header.Authorization`, `$request.querystring.token` */
  identitySource: string[];
  /** One of them is enough; empty: any token will do. */
  scopes: string[];
}

const Cors = z.object({
  AllowOrigins: z.array(z.string()).default([]),
  AllowMethods: z.array(z.string()).default([]),
  AllowHeaders: z.array(z.string()).default([]),
  ExposeHeaders: z.array(z.string()).default([]),
  AllowCredentials: Flag.default(false),
  MaxAge: z.coerce.number().optional(),
});
export type CorsSpec = z.infer<typeof Cors>;

const OfApi = z.object({ ApiId: z.string() });
const Api = z.object({
  Name: z.string().optional(),
  ProtocolType: z.literal('HTTP', { error: 'only HTTP APIs run locally' }),
  CorsConfiguration: Cors.optional(),
  Body: z.undefined({ error: 'APIs made of an OpenAPI document do not run locally' }).optional(),
  BodyS3Location: z.undefined({ error: 'APIs made of an OpenAPI document do not run locally' }).optional(),
  Target: z.undefined({ error: 'quick-created APIs do not run locally' }).optional(),
});
const Stage = OfApi.extend({ StageName: z.string(), StageVariables: z.record(z.string(), z.string()).default({}) });
const Route = OfApi.extend({
  RouteKey: z.string(),
  Target: z.string(),
  AuthorizationType: z
    .enum(['NONE', 'AWS_IAM', 'JWT'], { error: 'only NONE, AWS_IAM and JWT run locally' })
    .default('NONE'),
  AuthorizerId: z.string().optional(),
  AuthorizationScopes: z.array(z.string()).default([]),
});
const Integration = OfApi.extend({
  IntegrationType: z.literal('AWS_PROXY', { error: 'only Lambda integrations (AWS_PROXY) run locally' }),
  IntegrationSubtype: z.undefined({ error: 'only Lambda integrations run locally' }).optional(),
  IntegrationUri: z.string(),
  PayloadFormatVersion: z.literal('2.0', { error: 'only payload format 2.0 runs locally' }),
  TimeoutInMillis: z.coerce.number().min(50).max(30_000).default(30_000),
});
const Authorizer = OfApi.extend({
  AuthorizerType: z.literal('JWT', { error: 'only JWT authorizers run locally' }),
  IdentitySource: z.array(z.string()).default(['$request.header.Authorization']),
  JwtConfiguration: z.object({ Issuer: z.string(), Audience: z.array(z.string()).default([]) }),
});

/** The HTTP APIs of the template; what of them does not run locally is named. */
export function apiSpecs(assembly: Assembly): ApiSpec[] {
  return assembly.ofType('AWS::ApiGatewayV2::Api').map((resource) => {
    const properties = parseProperties(resource, Api);
    const apiId = assembly.ref(resource.logicalId);
    const mine = <Schema extends typeof OfApi>(type: string, schema: Schema) =>
      assembly
        .ofType(`AWS::ApiGatewayV2::${type}`)
        .filter((part) => part.properties.ApiId === apiId)
        .map((part) => ({ part, id: assembly.ref(part.logicalId), ...parseProperties(part, schema) }));

    const stages = mine('Stage', Stage);
    const stage = stages[0];
    if (!stage || stages.length > 1) {
      throw new CannotStart(`${resource.logicalId} (${resource.type}) has ${stages.length} stages, expected one.`);
    }
    const integrations = new Map(mine('Integration', Integration).map((one) => [`integrations/${one.id}`, one]));
    const authorizers = new Map(mine('Authorizer', Authorizer).map((one) => [one.id, one]));
    return {
      logicalId: resource.logicalId,
      apiId,
      name: properties.Name ?? resource.logicalId,
      stage: stage.StageName,
      stageVariables: stage.StageVariables,
      ...(properties.CorsConfiguration ? { cors: properties.CorsConfiguration } : {}),
      routes: mine('Route', Route).map((route) => {
        const integration = integrations.get(route.Target);
        if (!integration) throw missing(route.part, `its target ${route.Target}`);
        return {
          routeKey: route.RouteKey,
          functionArn: functionArnOf(integration.IntegrationUri),
          timeoutMs: integration.TimeoutInMillis,
          authorizer: authorizerOf(route, authorizers),
        };
      }),
    };
  });
}

function authorizerOf(
  route: z.infer<typeof Route> & { part: Resource },
  authorizers: Map<string, z.infer<typeof Authorizer>>,
): RouteSpec['authorizer'] {
  if (route.AuthorizationType !== 'JWT') return { type: route.AuthorizationType };
  const authorizer = authorizers.get(route.AuthorizerId ?? '');
  if (!authorizer) throw missing(route.part, `its authorizer ${route.AuthorizerId}`);
  return {
    type: 'JWT',
    issuer: authorizer.JwtConfiguration.Issuer,
    audience: authorizer.JwtConfiguration.Audience,
    identitySource: authorizer.IdentitySource,
    scopes: route.AuthorizationScopes,
  };
}

/** The integration names the function, or API Gateway's path to it (`.../functions/<arn>/invocations`). */
function functionArnOf(uri: string): string {
  return uri.match(/\/functions\/(.+)\/invocations$/)?.[1] ?? uri;
}

function missing(part: Resource, what: string): CannotStart {
  return new CannotStart(`${part.logicalId} (${part.type}): ${what} is not in the template.`);
}
