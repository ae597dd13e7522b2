import { CmdbDocument, servicesOfCmdb } from '../../catalog/cmdb-import.ts';
import type { Cmdb } from '../../model/config/cmdb.ts';
import { JsonFault, parseJson } from '../../model/json.ts';
import { plainText } from '../../model/plain-text.ts';
import type { ImportOptions } from './import-csv.ts';
import { tellRefusal } from './refusal.ts';
import { invalidImport, readImport, serviceFiles, writeFiles } from './service-files.ts';
import { countOf } from './words.ts';

const LINE_MAX = 4096;

/**
 * Writes a file for each service of what ServiceNow's identification engine takes. 0: all are written, and what has no place in them is told.
 * 1: none is. @param cmdb  which tables hold what
 */
export function importCmdbCommand({ file, folder, json }: ImportOptions, cmdb: Cmdb): number {
  try {
    const { services, leftOut } = servicesOfCmdb(documentOf(readImport(file), file), cmdb);
    const files = serviceFiles(
      services.map(({ place, ...service }) => ({ at: `${file} items[${place}]`, ...service })),
      folder,
      file,
    );
    writeFiles(files, folder);
    if (json) console.log(JSON.stringify({ files: files.map(({ path }) => path), leftOut }));
    else {
      for (const line of leftOut) console.error(plainText(`no place in a file: ${line}`, LINE_MAX));
      console.log(`${countOf(files.length, 'file')} in ${folder}; see that spec.services of the deployment names them`);
    }
    return 0;
  } catch (error) {
    tellRefusal(error, json);
    return 1;
  }
}

/** @throws OperatorError */
function documentOf(text: string, file: string): CmdbDocument {
  let value: unknown;
  try {
    value = parseJson(Buffer.from(text.replace(/^\uFEFF/, '')));
  } catch (error) {
    if (!(error instanceof JsonFault)) throw error;
    throw invalidImport([`${file} is not readable JSON: ${error.message}`]);
  }
  const result = CmdbDocument.safeParse(value);
  if (result.success) return result.data;
  throw invalidImport(
    result.error.issues.slice(0, 20).map(({ path, message }) => `${file}  ${path.join('.') || 'document'}  ${message}`),
  );
}
