/** A form as Stripe's clients write it: `card[token]=tok_visa&expand[0]=latest_charge`. Values stay texts. */
export type FormValue = string | FormFields | FormValue[];
export interface FormFields {
  [name: string]: FormValue;
}

export function parseForm(body: string): FormFields {
  const root: FormFields = {};
  for (const [name, value] of new URLSearchParams(body)) {
    const path = name.replaceAll(']', '').split('[');
    const last = path.pop()!;
    let node = root;
    for (const part of path) {
      node[part] ??= {};
      node = node[part] as FormFields;
    }
    node[last] = value;
  }
  return withLists(root) as FormFields;
}

/** `{ 0: 'a', 1: 'b' }` was a list. */
function withLists(value: FormValue): FormValue {
  if (typeof value === 'string' || Array.isArray(value)) return value;
  const entries = Object.entries(value).map(([name, each]) => [name, withLists(each)] as const);
  const isList = entries.length > 0 && entries.every(([name], index) => name === String(index) || name === '');
  return isList ? entries.map(([, each]) => each) : Object.fromEntries(entries);
}
