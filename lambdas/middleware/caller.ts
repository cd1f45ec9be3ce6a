import { Problem } from './problem-json.ts';
import type { ApiEvent } from './route.ts';

interface Authorizer {
  iam?: { userArn?: string };
  jwt?: { claims?: Record<string, unknown> };
}

/**
 * Who calls, as API Gateway has verified it: the same text for every request of one caller, also from another process.
 * So a role is named without its session, which is another one after every restart, and a retry from there is a retry.
 */
export function callerOf(event: ApiEvent): string {
  const { iam, jwt } = ((event.requestContext as { authorizer?: Authorizer }).authorizer ?? {}) as Authorizer;
  if (iam?.userArn) return iam.userArn.replace(/^(arn:[^:]*:sts::[^:]*:assumed-role\/.+)\/[^/]*$/, '$1');
  const { iss, sub } = jwt?.claims ?? {};
  if (typeof iss === 'string' && typeof sub === 'string') return `${iss}#${sub}`;
  throw new Problem(401, 'unauthenticated', 'Who are you?', 'This route needs an authenticated caller.');
}
