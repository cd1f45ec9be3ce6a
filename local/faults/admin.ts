import type { ServerResponse } from 'node:http';
import type { Handler } from '../aws/wire.ts';
import { readText } from '../read-text.ts';
import type { Faults } from './faults.ts';
import { InvalidFaultPlan, noFaults, parseFaultPlan } from './plan.ts';

const largestPlanBytes = 16 * 1024 * 1024;

/**
 * `/_local/faults`:
 * - `GET` -> `{ plan, starts, rules: [{ name, calls, hits }], hits: [{ rule, call, nth, start }], hitsLeftOut }`
 * - `PUT` with a plan puts it in force at once, kept over restarts -> as GET; 400 with `{ message, problems }` for what is no plan
 * - `DELETE` ends all faults -> as GET
 */
export function createFaultsAdmin(faults: Pick<Faults, 'set' | 'report'>): Handler {
  return async (request, response) => {
    if (request.url?.split('?', 1)[0] !== '/_local/faults') return false;
    const body = await readText(request, largestPlanBytes);
    try {
      if (request.method === 'PUT') await faults.set(parseFaultPlan(jsonOf(body)));
      else if (request.method === 'DELETE') await faults.set(noFaults);
      else if (request.method !== 'GET') {
        return answer(response, 405, { message: `${request.method} is not known here; expected GET, PUT or DELETE.` });
      }
      return answer(response, 200, faults.report());
    } catch (error) {
      if (!(error instanceof InvalidFaultPlan)) throw error;
      return answer(response, 400, { message: 'This is not a fault plan.', problems: error.message.split('\n') });
    }
  };
}

function jsonOf(body: string | undefined): unknown {
  if (body === undefined)
    throw new InvalidFaultPlan(`the plan: found more than ${largestPlanBytes} bytes, expected fewer`);
  try {
    return JSON.parse(body);
  } catch (error) {
    throw new InvalidFaultPlan(`the plan: found no JSON (${(error as Error).message}), expected an object`);
  }
}

function answer(response: ServerResponse, statusCode: number, content: object): true {
  response.writeHead(statusCode, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(content)}\n`);
  return true;
}
