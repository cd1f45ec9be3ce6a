import { z } from 'zod';
import type { Handler } from '../aws/wire.ts';
import { CannotStart } from '../cannot-start.ts';
import { readText } from '../read-text.ts';
import { Synthesis } from '../runtime-file.ts';
import type { Deployment } from './deployment.ts';

const Body = z.object({ assemblyDir: z.string(), synthesis: Synthesis.optional() });
export type DeployRequest = z.infer<typeof Body>;

/**
 * `POST /_local/deploy` with `{ assemblyDir, synthesis? }` -> a report of what changed, or 409 with a `message` that says why nothing did.
 * `synthesis` is how the folder was made, for the next deployment.
 */
export function createDeployAdmin(deployment: Pick<Deployment, 'deploy'>): Handler {
  return async (request, response) => {
    if ((request.url ?? '/').split('?', 1)[0] !== '/_local/deploy') return false;
    const answer = (statusCode: number, content: object): true => {
      response.writeHead(statusCode, { 'content-type': 'application/json' });
      response.end(`${JSON.stringify(content)}\n`);
      return true;
    };
    if (request.method !== 'POST') return answer(405, { message: `${request.method} is not known here.` });
    const body = bodyIn(await readText(request, 100_000));
    if (!body) return answer(400, { message: 'Expected {"assemblyDir": "<folder with a synthesised app>"}.' });
    try {
      return answer(200, deployment.deploy(body.assemblyDir, body.synthesis));
    } catch (error) {
      const { message } = error as Error;
      if (error instanceof CannotStart) return answer(409, { message: `${message} Nothing was taken up.` });
      return answer(500, { message: `The app was taken up in part: ${message} Restart with npm start.` });
    }
  };
}

function bodyIn(text: string | undefined): DeployRequest | undefined {
  try {
    return Body.safeParse(JSON.parse(text ?? '')).data;
  } catch {
    return undefined;
  }
}
