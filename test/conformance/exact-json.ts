/** JSON with nothing lost: numbers keep their spelling when text is parsed and written again. */

const { isRawJSON, rawJSON } = JSON as typeof JSON & {
  rawJSON(text: string): { rawJSON: string };
  isRawJSON(value: unknown): value is { rawJSON: string };
};

type Reviver = (key: string, value: unknown, context: { source?: string }) => unknown;

/** Numbers that `JSON.stringify` would spell differently are kept as raw JSON, which it writes as it is. */
export function parseKeepingNumbers(text: string): unknown {
  const keep: Reviver = (_key, value, { source }) =>
    typeof value === 'number' && source !== undefined && source !== JSON.stringify(value) ? rawJSON(source) : value;
  return JSON.parse(text, keep as (key: string, value: unknown) => unknown);
}

interface Spelling {
  escapeNonAscii: boolean;
}

/**
 * JSON as Python's `json.dumps` spells it: a blank after every comma and colon. The recordings were normalised as such texts, and
 * the fixture functions ran on a Python runtime.
 */
export function pythonJson(value: unknown, spelling: Spelling = { escapeNonAscii: true }): string {
  if (Array.isArray(value)) return `[${value.map((item) => pythonJson(item, spelling)).join(', ')}]`;
  if (isRawJSON(value)) return pythonNumber(value.rawJSON);
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    return `{${members.map(([name, member]) => `${text(name, spelling)}: ${pythonJson(member, spelling)}`).join(', ')}}`;
  }
  return typeof value === 'string' ? text(value, spelling) : (JSON.stringify(value) ?? 'null');
}

function text(value: string, { escapeNonAscii }: Spelling): string {
  const json = JSON.stringify(value);
  if (!escapeNonAscii) return json;
  return json.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** A number with a fraction or an exponent is a float in Python, and stays one. */
function pythonNumber(source: string): string {
  if (!/[.eE]/.test(source)) return source;
  const spelled = String(Number(source)).replace(/e([+-])(\d)$/, 'e$10$2');
  return /[.e]/.test(spelled) ? spelled : `${spelled}.0`;
}
