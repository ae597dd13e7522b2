import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { documentOfRow, SERVICE_COLUMNS } from '../../catalog/service-row.ts';
import { API_VERSION } from '../../model/config/document.ts';
import { toLabel } from '../../model/config/fields.ts';
import { Service } from '../../model/config/service.ts';
import { parseCsv } from '../../model/csv.ts';
import { OperatorError } from '../../model/errors.ts';
import { suggestion } from '../config/nearest.ts';
import { tellRefusal } from './refusal.ts';
import { countOf } from './words.ts';

export interface ImportCsvOptions {
  readonly file: string;
  /** Where the files of the services go: none of them may be there yet. */
  readonly folder: string;
  readonly json: boolean;
}

interface NewFile {
  readonly path: string;
  readonly text: string;
}

/** Writes a file for each row of a table of services. 0: all are written. 1: none is. */
export function importCsvCommand({ file, folder, json }: ImportCsvOptions): number {
  try {
    const files = filesOf(read(file), file, folder);
    mkdirSync(folder, { recursive: true });
    for (const { path, text } of files) writeFileSync(path, text, { flag: 'wx' });
    if (json) console.log(JSON.stringify({ files: files.map(({ path }) => path) }));
    else
      console.log(`${countOf(files.length, 'file')} in ${folder}; see that spec.services of the deployment names them`);
    return 0;
  } catch (error) {
    tellRefusal(error, json);
    return 1;
  }
}

function read(file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
  } catch (error) {
    const isText = error instanceof TypeError;
    throw new OperatorError('PLIM_IMPORT_UNREADABLE', {
      what: isText ? `${file} is not UTF-8` : `${file} can't be read: ${(error as Error).message}`,
      fix: isText ? 'save it as "CSV UTF-8"' : 'correct the path, or its rights',
      retryable: false,
    });
  }
}

/** All of them, checked before the first is written. @throws OperatorError with everything that is wrong */
function filesOf(source: string, file: string, folder: string): NewFile[] {
  const parsed = parseCsv(source);
  if (!parsed.ok) throw invalid([`${file}:${parsed.line}  ${parsed.message}`]);
  const columns: readonly string[] = SERVICE_COLUMNS;
  const unknown = parsed.columns.filter((column) => !columns.includes(column));
  if (unknown.length > 0)
    throw invalid(
      unknown.map(
        (column) => `${file}:1  no column is named ${JSON.stringify(column)} (${suggestion(column, columns)})`,
      ),
    );
  const problems: string[] = [];
  const files = parsed.rows.flatMap(({ line, row }) => {
    const document = { apiVersion: API_VERSION, kind: 'Service', ...documentOfRow(row) };
    const result = Service.safeParse(document);
    if (!result.success) {
      for (const { path, message } of result.error.issues)
        problems.push(`${file}:${line}  ${path.join('.')}  ${message}`);
      return [];
    }
    const { name, environment } = result.data;
    const suffix = environment === '' ? '' : `.${toLabel(environment) || 'environment'}`;
    return [{ path: join(folder, `${name}${suffix}.yaml`), text: stringify(document, { lineWidth: 0 }) }];
  });
  const paths = files.map(({ path }) => path);
  for (const [i, path] of paths.entries()) {
    if (paths.indexOf(path) !== i) problems.push(`${path} would be written twice: one row a service and environment`);
    else if (existsSync(path)) problems.push(`${path} is there already`);
  }
  if (problems.length > 0) throw invalid(problems);
  if (files.length === 0) throw invalid([`${file} names no service`]);
  return files;
}

const invalid = (problems: readonly string[]): OperatorError =>
  new OperatorError('PLIM_IMPORT_INVALID', {
    what: problems.join('\n'),
    fix: 'nothing was written: correct the table (docs/guide/inventory.md) and import it again',
    retryable: false,
  });
