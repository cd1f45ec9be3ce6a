import type { ServerResponse } from 'node:http';
import type { LambdaHost } from './aws/lambda/host.ts';
import type { Handler } from './aws/wire.ts';
import { parseDuration } from './duration.ts';
import type { Clock } from './engine/ports.ts';
import { readText } from './read-text.ts';

/**
 * What the runtime itself answers under `/_local/`:
 * - `GET /_local/health` -> `{ status, pid, now }`
 * - `GET /_local/clock` -> `{ now, offsetMs }`, `now` in ISO 8601
 * - `POST /_local/clock` with `{ "advance": "3d" }` moves time and answers when everything that became due was handed out
 * - `GET /_local/metrics` -> `{ invocations }`: by function name, since this process started
 */
export function createAdmin(clock: Clock, host: Pick<LambdaHost, 'onCompleted'>): Handler {
  const invocations: Record<string, number> = {};
  host.onCompleted((functionName) => {
    invocations[functionName] = (invocations[functionName] ?? 0) + 1;
  });
  const state = () => ({ now: new Date(clock.now()).toISOString(), offsetMs: clock.offsetMs() });

  return async (request, response) => {
    const path = request.url?.split('?', 1)[0] ?? '/';
    if (!path.startsWith('/_local/')) return false;
    const body = await readText(request, 10_000);
    if (path === '/_local/health') return answer(response, 200, { status: 'ok', pid: process.pid, now: state().now });
    if (path === '/_local/metrics') return answer(response, 200, { invocations });
    if (path !== '/_local/clock') return answer(response, 404, { message: `There is no ${path}.` });
    if (request.method === 'GET') return answer(response, 200, state());
    if (request.method !== 'POST') return answer(response, 405, { message: `${request.method} is not known here.` });
    const advanceMs = durationIn(body);
    if (advanceMs === undefined) {
      const message = 'Expected {"advance": "<duration>"} with a duration like 90s, 5m, 2h or 3d.';
      return answer(response, 400, { message });
    }
    try {
      await clock.advance(advanceMs);
    } catch (error) {
      if (error instanceof RangeError) return answer(response, 400, { message: error.message });
      throw error;
    }
    return answer(response, 200, state());
  };
}

function durationIn(body: string | undefined): number | undefined {
  try {
    const { advance } = JSON.parse(body ?? '') as { advance?: unknown };
    return typeof advance === 'string' ? parseDuration(advance) : undefined;
  } catch {
    return undefined;
  }
}

function answer(response: ServerResponse, statusCode: number, content: object): true {
  response.writeHead(statusCode, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(content)}\n`);
  return true;
}
