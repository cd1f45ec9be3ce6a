import { InvalidExpression } from '../expression/errors.ts';
import { checkPath } from '../expression/json-path.ts';
import { isObject, type Json, type JsonObject } from '../expression/json-text.ts';
import { checkExpression, isExpression } from '../expression/jsonata.ts';
import { checkPayloadTemplate, isPathOrCall } from '../expression/payload-template.ts';
import { isReferencePath } from '../expression/reference-path.ts';
import { expressionFields, nestedFields, pathFields, templateFields } from './fields.ts';
import { type Inspection, report } from './inspection.ts';

export type Language = 'JSONPath' | 'JSONata';

/** Whatever an expression language will have to evaluate, in a state, a Choice rule or a Catcher. */
export function checkExpressions(inspection: Inspection, place: string, fields: JsonObject, language: Language) {
  if (language === 'JSONata') {
    for (const field of expressionFields) {
      const value = fields[field];
      if (value !== undefined) checkJsonata(inspection, `${place}/${field}`, value);
    }
    return;
  }
  for (const field of pathFields) {
    const value = fields[field];
    if (value !== undefined && value !== null) checkPathField(inspection, `${place}/${field}`, field, value);
  }
  for (const field of nestedFields) {
    const inner = fields[field];
    if (isObject(inner)) checkExpressions(inspection, `${place}/${field}`, inner, language);
  }
  for (const field of ['ErrorPath', 'CausePath']) {
    const value = fields[field];
    if (value === undefined || isPathOrCall(value)) continue;
    const message = `The value for the field '${field}' must be a valid JSONPath or a valid intrinsic function call`;
    report(inspection, place, message);
  }
  for (const field of templateFields) {
    const value = fields[field];
    if (value === undefined) continue;
    for (const { path, message } of checkPayloadTemplate(value)) {
      report(inspection, [`${place}/${field}`, ...path].join('/'), message);
    }
  }
}

export function checkJsonata(inspection: Inspection, place: string, value: Json) {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) checkJsonata(inspection, `${place}[${index}]`, item);
  } else if (isObject(value)) {
    for (const [name, member] of Object.entries(value)) checkJsonata(inspection, `${place}/${name}`, member);
  } else if (isExpression(value)) {
    refuseInvalid(inspection, place, () => checkExpression(value));
  }
}

function checkPathField(inspection: Inspection, place: string, field: string, value: Json) {
  if (typeof value !== 'string') return report(inspection, place, 'Expected value of type String');
  if (field === 'ResultPath' && !value.startsWith('$$') && !isReferencePath(value)) {
    return report(inspection, place, 'Value is not a Reference Path');
  }
  checkJsonPath(inspection, place, value);
}

export function checkJsonPath(inspection: Inspection, place: string, path: string) {
  refuseInvalid(inspection, place, () => checkPath(path));
}

function refuseInvalid(inspection: Inspection, place: string, check: () => unknown) {
  try {
    check();
  } catch (error) {
    if (!(error instanceof InvalidExpression)) throw error;
    report(inspection, place, error.message);
  }
}
