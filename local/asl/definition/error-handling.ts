import { isObject, type Json, type JsonObject } from '../expression/json-text.ts';
import { checkExpressions, type Language } from './expressions.ts';
import { type Inspection, report } from './inspection.ts';

/** Retry and Catch. https://states-language.net/spec.html#errors */
export function checkErrorHandling(inspection: Inspection, place: string, state: JsonObject, language: Language) {
  for (const [retrier, at] of entries(inspection, `${place}/Retry`, state.Retry)) {
    for (const [field, isRight, wanted] of retryNumbers) {
      const value = retrier[field];
      if (value !== undefined && !(typeof value === 'number' && isRight(value))) {
        report(inspection, `${at}/${field}`, `Expected ${wanted}`);
      }
    }
    const { JitterStrategy } = retrier;
    if (JitterStrategy !== undefined && JitterStrategy !== 'FULL' && JitterStrategy !== 'NONE') {
      const message = "The field 'JitterStrategy' should have one of these values: [FULL, NONE]";
      report(inspection, `${at}/JitterStrategy`, message);
    }
  }
  for (const [catcher, at] of entries(inspection, `${place}/Catch`, state.Catch)) {
    if (typeof catcher.Next !== 'string') report(inspection, at, 'These fields are required: [Next]');
    checkExpressions(inspection, at, catcher, language);
  }
}

/** https://docs.aws.amazon.com/step-functions/latest/dg/concepts-error-handling.html */
const retryNumbers: [string, (value: number) => boolean, string][] = [
  ['IntervalSeconds', isInteger(1, 99_999_999), 'an Integer of at least 1 and at most 99999999'],
  ['MaxAttempts', isInteger(0, 99_999_999), 'an Integer of at least 0 and at most 99999999'],
  ['BackoffRate', (value) => value >= 1, 'a Number of at least 1.0'],
  ['MaxDelaySeconds', isInteger(1, 31_622_400 - 1), 'an Integer of at least 1 and less than 31622400'],
];

function isInteger(least: number, most: number): (value: number) => boolean {
  return (value) => Number.isInteger(value) && value >= least && value <= most;
}

/** The Retriers or Catchers with their places, after a look at their ErrorEquals. */
function entries(inspection: Inspection, place: string, list: Json | undefined): [JsonObject, string][] {
  if (list === undefined) return [];
  if (!Array.isArray(list)) {
    report(inspection, place, 'Expected value of type Array');
    return [];
  }
  return list.flatMap((entry, index): [JsonObject, string][] => {
    const at = `${place}[${index}]`;
    if (!isObject(entry)) {
      report(inspection, at, 'Expected value of type Object');
      return [];
    }
    checkErrorEquals(inspection, at, entry.ErrorEquals, index === list.length - 1);
    return [[entry, at]];
  });
}

function checkErrorEquals(inspection: Inspection, at: string, names: Json | undefined, isLast: boolean) {
  const place = `${at}/ErrorEquals`;
  if (names === undefined) return report(inspection, at, 'These fields are required: [ErrorEquals]');
  if (!Array.isArray(names) || !names.every((name) => typeof name === 'string')) {
    return report(inspection, place, 'Expected an Array of Strings');
  }
  if (names.length === 0) return report(inspection, place, 'Value cannot be empty');
  if (!names.includes('States.ALL')) return;
  if (names.length > 1) report(inspection, place, 'States.ALL must appear alone');
  if (!isLast) report(inspection, place, 'States.ALL must appear in the last entry');
}
