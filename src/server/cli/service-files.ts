import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { API_VERSION } from '../../model/config/document.ts';
import { toLabel } from '../../model/config/fields.ts';
import { Service } from '../../model/config/service.ts';
import { OperatorError } from '../../model/errors.ts';

/** A service as its file would hold it, and where it was read. */
export interface NewService {
  readonly at: string;
  readonly metadata: object;
  readonly spec: object;
}

export interface NewFile {
  readonly path: string;
  readonly text: string;
}

/** The text of a file that is imported. @throws OperatorError where it is none */
export function readImport(file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
  } catch (error) {
    const isText = error instanceof TypeError;
    throw new OperatorError('PLIM_IMPORT_UNREADABLE', {
      what: isText ? `${file} is not UTF-8` : `${file} can't be read: ${(error as Error).message}`,
      fix: isText ? 'save it as UTF-8 (in a spreadsheet "CSV UTF-8")' : 'correct the path, or its rights',
      retryable: false,
    });
  }
}

/**
 * A file for each of them, checked before the first is written: names come from elsewhere, so that none becomes a path or a piece of YAML.
 * @throws OperatorError with everything that is wrong
 */
export function serviceFiles(services: readonly NewService[], folder: string, source: string): NewFile[] {
  const problems: string[] = [];
  const files = services.flatMap(({ at, metadata, spec }) => {
    const document = { apiVersion: API_VERSION, kind: 'Service', metadata, spec };
    const result = Service.safeParse(document);
    if (!result.success) {
      for (const { path, message } of result.error.issues) problems.push(`${at}  ${path.join('.')}  ${message}`);
      return [];
    }
    const { name, environment } = result.data;
    const suffix = environment === '' ? '' : `.${toLabel(environment) || 'environment'}`;
    return [{ path: join(folder, `${name}${suffix}.yaml`), text: stringify(document, { lineWidth: 0 }) }];
  });
  const paths = new Set<string>();
  for (const { path } of files) {
    if (paths.has(path)) problems.push(`${path} would be written twice: one row a service and environment`);
    else if (existsSync(path)) problems.push(`${path} is there already`);
    paths.add(path);
  }
  if (problems.length > 0) throw invalidImport(problems);
  if (files.length === 0) throw invalidImport([`${source} names no service`]);
  return files;
}

export function writeFiles(files: readonly NewFile[], folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const { path, text } of files) writeFileSync(path, text, { flag: 'wx' });
}

export const invalidImport = (problems: readonly string[]): OperatorError =>
  new OperatorError('PLIM_IMPORT_INVALID', {
    what: problems.join('\n'),
    fix: 'nothing was written: correct it (docs/guide/inventory.md) and import it again',
    retryable: false,
  });
