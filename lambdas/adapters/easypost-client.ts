import { AddressRefused, CarrierMisconfigured, CarrierUnavailable, LabelRefused } from '../domain/errors.ts';

/** EasyPost's HTTP API (https://docs.easypost.com/docs), as far as one carrier needs it. */
export interface EasyPost {
  get<Answer>(path: string): Promise<Answer>;
  post<Answer>(path: string, body?: object): Promise<Answer>;
}

/**
 * Node's `fetch` and no package: EasyPost's own client (`@easypost/api` 8.9.0) adds 366 KB to a bundle, most of it for
 * forms and files, and has a `timeout` option that it hands to nobody, so that a call hangs until the function is killed.
 *
 * Throws `CarrierUnavailable` when it is unknown what became of the call, or when it may go well a little later;
 * `EasyPostRefusal` or `AddressRefused` when EasyPost said no; `CarrierMisconfigured` when no call can go well.
 *
 * @param apiKey asked for at every call, so that a key that was replaced is taken up
 */
export function easypostClient({
  apiKey,
  baseUrl = 'https://api.easypost.com/v2',
  timeoutMs = 6_000,
}: {
  apiKey: () => Promise<string>;
  baseUrl?: string;
  timeoutMs?: number;
}): EasyPost {
  async function call<Answer>(method: 'GET' | 'POST', path: string, body?: object): Promise<Answer> {
    const what = `EasyPost ${method} ${path}`;
    // The key is the user name of basic authentication, without a password: https://docs.easypost.com/docs/authentication
    const authorization = `Basic ${Buffer.from(`${await apiKey()}:`).toString('base64')}`;
    let status: number;
    let answer: unknown;
    try {
      const response = await fetch(`${baseUrl}${path}`, {
        method,
        headers: { authorization, accept: 'application/json', 'content-type': 'application/json' },
        ...(body && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(timeoutMs),
      });
      status = response.status;
      answer = await response.json();
    } catch (error) {
      // Not reached, cut off, too slow, or no JSON: whether it acted is unknown.
      throw new CarrierUnavailable(`${what}: ${(error as Error).name}`, { cause: error });
    }
    if (status >= 200 && status < 300) return answer as Answer;
    throw failureOf(what, status, answer);
  }
  return {
    get: (path) => call('GET', path),
    post: (path, body) => call('POST', path, body),
  };
}

/** EasyPost understood and said no. Nothing happened, and the same call would be refused again. */
export class EasyPostRefusal extends LabelRefused {
  readonly code: string;
  constructor(message: string, code: string) {
    super(message);
    this.code = code;
  }
}

/**
 * Refusals that say nothing of what happens in the end: another call is buying the shipment right now, or the carrier
 * behind EasyPost did not answer in time.
 */
const undecided = new Set([
  'SHIPMENT.PURCHASE.IN_PROGRESS',
  'SHIPMENT.POSTAGE.NO_RESPONSE',
  'SHIPMENT.POSTAGE.TIMED_OUT',
  'REFUND.NO_RESPONSE',
]);

/** https://docs.easypost.com/docs/errors and https://docs.easypost.com/guides/errors-guide */
function failureOf(what: string, status: number, answer: unknown): Error {
  const { code, fields } = errorIn(answer);
  const said = `${what}: ${status} ${code}${fields.length > 0 ? ` (${fields.join(', ')})` : ''}`;
  if (status >= 500 || status === 408 || status === 429 || undecided.has(code)) return new CarrierUnavailable(said);
  if (status === 401 || status === 403) {
    return new CarrierMisconfigured(
      `${said}: EasyPost does not take the API key in the secret EASYPOST_KEY_SECRET_ARN`,
    );
  }
  if (status === 404) {
    return new CarrierMisconfigured(`${said}: the API key is not one of the account, or the mode, that made it`);
  }
  // The warehouse's own would be refused with the same codes, and from the first order on.
  if (code.startsWith('ADDRESS.')) return new AddressRefused(said);
  return new EasyPostRefusal(said, code);
}

/**
 * The error's code and the names of the fields that it is about. Its sentences are left where they are: they repeat the
 * customer's address, which belongs in no log. EasyPost's dashboard shows them.
 */
function errorIn(answer: unknown): { code: string; fields: string[] } {
  const { code, errors } = (answer as { error?: { code?: unknown; errors?: unknown } } | null)?.error ?? {};
  const isName = (text: unknown): text is string => typeof text === 'string' && /^[\w.[\]]{1,60}$/.test(text);
  const named = Array.isArray(errors) ? errors.map((one: { field?: unknown } | null) => one?.field).filter(isName) : [];
  return { code: isName(code) ? code : 'without a code', fields: [...new Set(named)] };
}
