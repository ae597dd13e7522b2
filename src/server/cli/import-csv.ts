import { documentOfRow, SERVICE_COLUMNS } from '../../catalog/service-row.ts';
import { parseCsv } from '../../model/csv.ts';
import { suggestion } from '../config/nearest.ts';
import { tellRefusal } from './refusal.ts';
import { invalidImport, type NewFile, readImport, serviceFiles, writeFiles } from './service-files.ts';
import { countOf } from './words.ts';

export interface ImportOptions {
  readonly file: string;
  /** Where the files of the services go: none of them may be there yet. */
  readonly folder: string;
  readonly json: boolean;
}

/** Writes a file for each row of a table of services. 0: all are written. 1: none is. */
export function importCsvCommand({ file, folder, json }: ImportOptions): number {
  try {
    const files = filesOf(readImport(file), file, folder);
    writeFiles(files, folder);
    if (json) console.log(JSON.stringify({ files: files.map(({ path }) => path) }));
    else
      console.log(`${countOf(files.length, 'file')} in ${folder}; see that spec.services of the deployment names them`);
    return 0;
  } catch (error) {
    tellRefusal(error, json);
    return 1;
  }
}

/** @throws OperatorError with everything that is wrong */
function filesOf(source: string, file: string, folder: string): NewFile[] {
  const parsed = parseCsv(source);
  if (!parsed.ok) throw invalidImport([`${file}:${parsed.line}  ${parsed.message}`]);
  const columns: readonly string[] = SERVICE_COLUMNS;
  const unknown = parsed.columns.filter((column) => !columns.includes(column));
  if (unknown.length > 0)
    throw invalidImport(
      unknown.map(
        (column) => `${file}:1  no column is named ${JSON.stringify(column)} (${suggestion(column, columns)})`,
      ),
    );
  return serviceFiles(
    parsed.rows.map(({ line, row }) => ({ at: `${file}:${line}`, ...documentOfRow(row) })),
    folder,
    file,
  );
}
