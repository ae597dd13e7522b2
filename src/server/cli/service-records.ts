import { parse } from 'yaml';
import { plainText } from '../../model/plain-text.ts';
import type { ServiceRecordJson } from '../api/openapi/services.ts';
import { type RecordOptions, tellAnswer } from './records.ts';
import { invalidImport, readImport } from './service-files.ts';

interface OfService {
  readonly environment?: string | undefined;
  readonly person?: string | undefined;
}

const path = (name: string, step = 'record'): string => `/services/${encodeURIComponent(name)}/${step}`;

/** What was said of a service over the API, by when it is to be confirmed, and what was done to it. */
export const showServiceRecordCommand = (
  options: RecordOptions,
  name: string,
  { environment }: OfService,
): Promise<number> =>
  tellAnswer(options, (running) => running.get<ServiceRecordJson>(path(name), { environment }), inWords);

/** Says fields of the record of a service. @param file  YAML or JSON of the fields, as a service file has them under spec */
export const sayServiceRecordCommand = (
  options: RecordOptions,
  name: string,
  file: string,
  { reason, ...whose }: OfService & { readonly reason: string },
): Promise<number> =>
  tellAnswer(
    options,
    (running) => running.ask<ServiceRecordJson>('POST', path(name), { fields: fieldsIn(file), reason, ...whose }),
    inWords,
  );

/** Whoever answers for a service has looked through its record today. */
export const confirmServiceCommand = (
  options: RecordOptions,
  name: string,
  { note, ...whose }: OfService & { readonly note?: string | undefined },
): Promise<number> =>
  tellAnswer(
    options,
    (running) => running.ask<ServiceRecordJson>('POST', path(name, 'confirm'), { reason: note ?? null, ...whose }),
    inWords,
  );

/** @throws OperatorError */
function fieldsIn(file: string): unknown {
  try {
    return parse(readImport(file), { maxAliasCount: 100 });
  } catch (error) {
    if ((error as Error).name !== 'YAMLParseError') throw error;
    throw invalidImport([`${file} is not readable as YAML: ${(error as Error).message}`]);
  }
}

function inWords({
  service,
  environment,
  recordedBy,
  fields,
  conflicts,
  confirmed,
  confirmDue,
  history,
}: ServiceRecordJson): string {
  const last = history.at(-1);
  return [
    `${plainText(service)}${environment === null ? '' : ` (${plainText(environment)})`}: from ${recordedBy.join(' and ') || 'telemetry'}`,
    `said over the API: ${Object.keys(fields).join(', ') || 'nothing'}`,
    ...conflicts.map(({ field }) => `the file says otherwise, and holds: ${field}`),
    `${confirmed === null ? 'never confirmed' : `confirmed by ${plainText(confirmed.by)} on ${confirmed.at}`}${confirmDue === null ? '' : `, to be confirmed by ${confirmDue.slice(0, 10)}`}`,
    ...(last === undefined
      ? []
      : [
          `last step: ${last.event} by ${plainText(last.by.name ?? last.by.id)} at ${last.at.slice(0, 16).replace('T', ' ')}`,
        ]),
  ].join('\n');
}
