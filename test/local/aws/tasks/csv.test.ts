import { expect, test } from 'vitest';
import { parseCsv } from '../../../../local/aws/tasks/csv.ts';

const header = { CSVHeaderLocation: 'FIRST_ROW' };

test('missing fields are empty, fields without a header are left out, empty lines are no rows', () => {
  expect(parseCsv('a,b\n1,2,3\n4\n\n ,\n', header)).toEqual([
    { a: '1', b: '2' },
    { a: '4', b: '' },
    { a: ' ', b: '' },
  ]);
});

test('a field in quotes may have delimiters, line ends and quotes in it', () => {
  expect(parseCsv('a,b\r\n"1,\n2","say ""hi"""\r\n', header)).toEqual([{ a: '1,\n2', b: 'say "hi"' }]);
});

test('headers may be given, and the delimiter may be another', () => {
  const config = { CSVHeaderLocation: 'GIVEN', CSVHeaders: ['x'], CSVDelimiter: 'PIPE' };
  expect(parseCsv('1|2\n3|4', config)).toEqual([{ x: '1' }, { x: '3' }]);
});

test('two columns of the same name are refused', () => {
  expect(() => parseCsv('a,b,a\n1,2,3\n', header)).toThrow('CSV headers cannot contain duplicates.');
});
