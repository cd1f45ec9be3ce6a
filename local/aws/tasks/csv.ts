import { inMapOrder } from '../../asl/expression/map-order.ts';

export interface CsvConfig {
  CSVHeaderLocation?: string;
  CSVHeaders?: string[];
  CSVDelimiter?: string;
}

const delimiters: Record<string, string> = { COMMA: ',', PIPE: '|', SEMICOLON: ';', SPACE: ' ', TAB: '\t' };

/**
 * One object per row: fields that are missing are empty, fields without a header are left out.
 * Throws when two columns have the same header.
 */
export function parseCsv(text: string, { CSVHeaderLocation, CSVHeaders, CSVDelimiter }: CsvConfig): object[] {
  const rows = rowsOf(text, delimiters[CSVDelimiter ?? 'COMMA'] ?? ',');
  const headers = CSVHeaderLocation === 'GIVEN' ? (CSVHeaders ?? []) : (rows.shift() ?? []);
  if (new Set(headers).size < headers.length) throw new Error('CSV headers cannot contain duplicates.');
  const columns = inMapOrder(headers).map((header) => [header, headers.indexOf(header)] as const);
  return rows.map((row) => Object.fromEntries(columns.map(([header, index]) => [header, row[index] ?? ''])));
}

/** https://www.rfc-editor.org/rfc/rfc4180 : a field in quotes may have delimiters, line ends and doubled quotes in it. */
function rowsOf(text: string, delimiter: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let field = '';
  let quoted = false;
  const endField = () => {
    row.push(field);
    field = '';
  };
  const endRow = () => {
    endField();
    // An empty line is no row.
    if (row.length > 1 || row[0] !== '') rows.push(row);
    row = [];
  };
  for (let index = 0; index < text.length; index++) {
    const character = text[index]!;
    if (quoted) {
      if (character !== '"') field += character;
      else if (text[index + 1] === '"') field += text[++index];
      else quoted = false;
    } else if (character === '"' && field === '') quoted = true;
    else if (character === delimiter) endField();
    else if (character === '\n') endRow();
    else if (character !== '\r' || text[index + 1] !== '\n') field += character;
  }
  if (field !== '' || row.length > 0) endRow();
  return rows;
}
