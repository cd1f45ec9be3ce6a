import { route } from '../middleware/route.ts';
import { inboxClient, scriptPath } from './inbox-client.ts';

/**
 * `GET /inbox.js?v=`: the script of the inbox. Its address has its version, so that it can be kept for ever. Asked for
 * another version than this one (while a deployment has reached the page and not yet this function), it is kept nowhere:
 * or it would stay under the other's address.
 */
export const handler = route('ServeInboxScript', async ({ rawQueryString }) => ({
  statusCode: 200,
  headers: {
    'content-type': 'text/javascript; charset=utf-8',
    ...(scriptPath === `/inbox.js?${rawQueryString}` && { 'cache-control': 'public, max-age=31536000, immutable' }),
  },
  body: inboxClient,
}));
