import type { Problem } from '../middleware/problem-json.ts';
import { contentTypeOf } from '../middleware/request-body.ts';
import type { ApiAnswer, ApiEvent } from '../middleware/route.ts';
import { problemPage } from './wait-page.ts';

/**
 * Whether a callback is answered with a page: to a browser always, to a program that names JSON or sends it never. Who
 * says nothing (`*\/*`) and opens a link gets the page.
 */
export function wantsPage(event: ApiEvent): boolean {
  const accept = (event.headers.accept ?? '').toLowerCase();
  if (accept.includes('text/html')) return true;
  return !accept.includes('json') && contentTypeOf(event) !== 'application/json';
}

export function pageOrProblem(problem: Problem, event: ApiEvent): ApiAnswer {
  return wantsPage(event) ? problemPage(problem) : problem.toResponse();
}
