import { route } from '../middleware/route.ts';
import { inboxClient } from './inbox-client.ts';

/** `GET /inbox.js`: the script of the inbox. Its address has its version, so that it can be kept for ever. */
export const handler = route('ServeInboxScript', async () => ({
  statusCode: 200,
  headers: {
    'content-type': 'text/javascript; charset=utf-8',
    'cache-control': 'public, max-age=31536000, immutable',
    'x-content-type-options': 'nosniff',
  },
  body: inboxClient,
}));
