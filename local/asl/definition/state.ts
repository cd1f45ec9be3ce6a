import type { Json, JsonObject } from '../expression/json-text.ts';
import { isObject } from '../expression/json-text.ts';
import { isExpression } from '../expression/jsonata.ts';
import { parseTimestamp } from '../expression/timestamp.ts';
import { checkChoices } from './choices.ts';
import { checkErrorHandling } from './error-handling.ts';
import { checkExpressions, type Language } from './expressions.ts';
import { type FieldTable, fieldTables } from './fields.ts';
import { type Inspection, report } from './inspection.ts';
import { checkTypes } from './types.ts';

type CheckGroup = (inspection: Inspection, place: string, group: JsonObject) => void;

export function checkState(
  inspection: Inspection,
  place: string,
  name: string,
  state: JsonObject,
  checkGroup: CheckGroup,
) {
  const table = typeof state.Type === 'string' && Object.hasOwn(fieldTables, state.Type) && fieldTables[state.Type];
  if (!table) {
    if (state.Type === undefined) return report(inspection, place, 'These fields are required: [Type]');
    const types = 'Task, Wait, Pass, Succeed, Fail, Choice, Parallel, Map';
    return report(inspection, `${place}/Type`, `The field 'Type' should have one of these values: [${types}]`);
  }
  if (name.length > 80) report(inspection, place, 'State name cannot be longer than 80 characters');
  if (inspection.names.has(name)) report(inspection, place, `Duplicate State name: ${name}`, 'DUPLICATE_STATE_NAME');
  inspection.names.add(name);
  const language = languageOf(inspection, place, state);
  checkFields(inspection, place, state, table, language);
  checkTypes(inspection, place, state, language);
  checkExpressions(inspection, place, state, language);
  checkErrorHandling(inspection, place, state, language);
  checkType(inspection, place, state, language, checkGroup);
}

function languageOf(inspection: Inspection, place: string, { QueryLanguage }: JsonObject): Language {
  if (QueryLanguage === undefined) return inspection.language;
  if (QueryLanguage !== 'JSONPath' && QueryLanguage !== 'JSONata') {
    const message = `The field 'QueryLanguage' should have one of these values: [JSONPath, JSONata]`;
    report(inspection, `${place}/QueryLanguage`, message);
    return inspection.language;
  }
  if (QueryLanguage === 'JSONPath' && inspection.language === 'JSONata') {
    report(inspection, place, "'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine");
  }
  return QueryLanguage;
}

function checkFields(inspection: Inspection, place: string, state: JsonObject, table: FieldTable, language: Language) {
  const missing = table.required.filter((field) => state[field] === undefined);
  if (missing.length > 0) report(inspection, place, `These fields are required: [${missing.join(', ')}]`);
  const other = language === 'JSONata' ? table.JSONPath : table.JSONata;
  for (const field of Object.keys(state)) {
    if (table.common.includes(field) || table[language].includes(field)) continue;
    if (table.continues && (field === 'Next' || field === 'End')) continue;
    const reason = other.includes(field) ? ` when QueryLanguage is '${language}'` : '';
    report(inspection, `${place}/${field}`, `The field '${field}' is not supported${reason}`);
  }
  if (!table.continues) return;
  const { Next, End } = state;
  if (Next === undefined && End !== true) report(inspection, place, "One of 'Next' and 'End' is required");
  else if (Next !== undefined && End === true) report(inspection, place, "'Next' and 'End' exclude one another");
}

function checkType(
  inspection: Inspection,
  place: string,
  state: JsonObject,
  language: Language,
  checkGroup: CheckGroup,
) {
  switch (state.Type) {
    case 'Task':
      return checkResource(inspection, `${place}/Resource`, state.Resource);
    case 'Choice':
      return checkChoices(inspection, place, state, language);
    case 'Wait':
      return checkWait(inspection, place, state);
    case 'Parallel':
      return checkBranches(inspection, `${place}/Branches`, state.Branches, checkGroup);
    case 'Map':
      return checkMap(inspection, place, state, checkGroup);
  }
}

function checkResource(inspection: Inspection, place: string, resource: Json | undefined) {
  if (resource === undefined) return;
  if (typeof resource !== 'string' || !resource.startsWith('arn:')) {
    return report(inspection, place, 'Value is not a valid resource ARN');
  }
  if (inspection.type === 'EXPRESS' && /^arn:[^:]*:states:[^:]+:[^:]*:activity:/.test(resource)) {
    report(inspection, place, 'Express state machine does not support Activity ARN');
  }
  const pattern = /\.(waitForTaskToken|sync(:2)?)$/.exec(resource)?.[0];
  if (inspection.type === 'EXPRESS' && pattern) {
    // The blank at the end is the service's own.
    report(inspection, place, `Express state machine does not support '${pattern}' service integration `);
  }
}

function checkWait(inspection: Inspection, place: string, state: JsonObject) {
  const given = ['Seconds', 'SecondsPath', 'Timestamp', 'TimestampPath'].filter((field) => state[field] !== undefined);
  if (given.length !== 1) {
    const message = 'A Wait state must have exactly one of [Seconds, SecondsPath, Timestamp, TimestampPath]';
    return report(inspection, place, message);
  }
  const { Timestamp } = state;
  if (Timestamp !== undefined && !isExpression(Timestamp) && parseTimestamp(String(Timestamp)) === undefined) {
    report(inspection, `${place}/Timestamp`, 'String does not match RFC3339 timestamp');
  }
}

/** What belongs to a map run of its own, and to its ARN. */
function checkMap(inspection: Inspection, place: string, state: JsonObject, checkGroup: CheckGroup) {
  const field = state.ItemProcessor === undefined && state.Iterator !== undefined ? 'Iterator' : 'ItemProcessor';
  const processor = state[field];
  if (!isObject(processor)) return report(inspection, place, 'These fields are required: [ItemProcessor]');
  const config = processor.ProcessorConfig;
  if (!isObject(config) || config.Mode !== 'DISTRIBUTED') {
    for (const name of ['ItemReader', 'ItemBatcher', 'ResultWriter']) {
      if (state[name] === undefined) continue;
      report(inspection, `${place}/${name}`, `The field '${name}' is not supported when Mode is not 'DISTRIBUTED'`);
    }
  }
  const { Label } = state;
  if (typeof Label === 'string' && (Label === '' || Label.length > 40)) {
    report(inspection, `${place}/Label`, 'Label must have between 1 and 40 characters');
  }
  checkGroup(inspection, `${place}/${field}`, processor);
}

function checkBranches(inspection: Inspection, place: string, branches: Json | undefined, checkGroup: CheckGroup) {
  if (branches === undefined) return;
  if (!Array.isArray(branches)) return report(inspection, place, 'Expected value of type Array');
  if (branches.length === 0) return report(inspection, place, 'Value cannot be empty');
  for (const [index, branch] of branches.entries()) {
    if (isObject(branch)) checkGroup(inspection, `${place}[${index}]`, branch);
    else report(inspection, `${place}[${index}]`, 'Expected value of type Object');
  }
}
