import { json, route } from '../middleware/route.ts';
import document from './openapi.json' with { type: 'json' };

/** `GET /openapi.json`: the description of this API. */
export const handler = route('DescribeApi', async () =>
  json(200, document, { 'cache-control': 'public, max-age=300' }),
);
