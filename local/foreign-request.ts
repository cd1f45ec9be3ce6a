import type { IncomingHttpHeaders } from 'node:http';

const thisMachine = /^(127\.0\.0\.1|([\w-]+\.)*localhost|\[::1\])(:\d+)?$/;
const onlyPrograms = 'Only programs on this machine may ask';

/**
 * Why a request is refused that a page in somebody's browser has sent; `undefined` for one that may be answered. What listens on loopback
 * is out of reach for other machines, but not for pages that a browser on this one shows:
 * - any page may have `text/plain` posted to any address, without being allowed to read the answer; then the browser says so in `Origin` or,
 *   where it leaves that out, in `Sec-Fetch-Site` (`none` is what a person typed into the address bar),
 * - a page whose own name was made to lead here (DNS rebinding) may even read it, as if it were its own server; then that name is in `Host`.
 * Commands, curl, the AWS CLI and SDKs in Node send neither `Origin` nor `Sec-Fetch-Site`.
 */
export function whyForeign(headers: IncomingHttpHeaders): string | undefined {
  const { host = '' } = headers;
  if (!thisMachine.test(host)) {
    return `${onlyPrograms}, under the name 127.0.0.1, localhost or [::1]; this request is for ${host || 'no host'}.`;
  }
  const { origin, 'sec-fetch-site': site = 'none' } = headers;
  if (origin === undefined && site === 'none') return undefined;
  return `${onlyPrograms}; this request comes from a page in a browser${origin ? ` (${origin})` : ''}.`;
}

/**
 * The same for queues and buckets, with which a page of an app that runs on this machine may have business: any page may show or follow
 * a link to an object, as there is nothing to win by it, and the app's own page may upload by a form.
 */
export function whyForeignToBuckets(method: string, headers: IncomingHttpHeaders): string | undefined {
  const { origin = '', 'sec-fetch-site': _, ...others } = headers;
  const looks = method === 'GET' || method === 'HEAD';
  const ownPage = URL.canParse(origin) && thisMachine.test(new URL(origin).host);
  return whyForeign(looks || ownPage ? others : headers);
}
