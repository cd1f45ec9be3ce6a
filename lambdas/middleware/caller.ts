import { readEnv } from '../env.ts';
import { Problem } from './problem-json.ts';
import type { ApiEvent } from './route.ts';

const { JWT_STAFF_SCOPE } = readEnv(['JWT_STAFF_SCOPE']);

interface Authorizer {
  iam?: { userArn?: string };
  jwt?: { claims?: Record<string, unknown> };
}

const authorizerOf = (event: ApiEvent) =>
  ((event.requestContext as { authorizer?: Authorizer }).authorizer ?? {}) as Authorizer;

/**
 * Who calls, as API Gateway has verified it: the same text for every request of one caller, also from another process.
 * So a role is named without its session, which is another one after every restart, and a retry from there is a retry.
 */
export function callerOf(event: ApiEvent): string {
  const { iam, jwt } = authorizerOf(event);
  if (iam?.userArn) return iam.userArn.replace(/^(arn:[^:]*:sts::[^:]*:assumed-role\/.+)\/[^/]*$/, '$1');
  const { iss, sub } = jwt?.claims ?? {};
  if (typeof iss === 'string' && typeof sub === 'string') return `${iss}#${sub}`;
  throw new Problem(401, 'unauthenticated', 'Who are you?', 'This route needs an authenticated caller.');
}

/**
 * Whether the caller may look into what others have placed: a program of ours, whose IAM policy says what it may call, or a
 * token with the scope of staff. Any other token is a customer's.
 */
export function isStaff(event: ApiEvent): boolean {
  const { iam, jwt } = authorizerOf(event);
  if (iam?.userArn) return true;
  const { scope, scp } = jwt?.claims ?? {};
  // API Gateway hands every claim on as text: a list of words, which some issuers send as an array, in brackets.
  const scopes = [scope, scp].flatMap((claim) =>
    String(claim ?? '')
      .replace(/^\[(.*)\]$/, '$1')
      .split(' '),
  );
  return JWT_STAFF_SCOPE !== '' && scopes.includes(JWT_STAFF_SCOPE);
}
