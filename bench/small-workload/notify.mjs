// Hands a task token to the driver, as a queue or a mail would.
import { Agent, request } from 'node:http';

const agent = new Agent({ keepAlive: true });

export const handler = ({ driverUrl, ...wait }) =>
  new Promise((resolve, reject) => {
    const post = request(driverUrl, { method: 'POST', agent }, (response) => {
      response.resume();
      response.on('end', () => resolve({}));
    });
    post.on('error', reject);
    post.end(JSON.stringify(wait));
  });
