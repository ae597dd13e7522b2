import { API_VERSION } from '../model/config/document.ts';
import { labelOf } from '../model/config/fields.ts';
import { Service } from '../model/config/service.ts';
import { JUDGED_FIELDS, type RecordField, type ServiceRecord } from '../model/service-record.ts';
import type { Millis } from '../model/time.ts';
import type { Finding } from './findings.ts';

/** Where a service and what is said of it over the API are not of one mind: the file holds. */
export interface RecordConflict {
  readonly field: RecordField;
  readonly file: unknown;
  readonly api: unknown;
}

type Fields = ServiceRecord['fields'];

/** The document that a file of these fields would be. */
export function recordDocument(name: string, { displayName, ...spec }: Fields): object {
  return {
    apiVersion: API_VERSION,
    kind: 'Service',
    metadata: { name: labelOf(name), ...(displayName === undefined ? {} : { displayName }) },
    spec,
  };
}

/** Whether a file could have these fields, as this build reads them. */
export const isReadable = ({ service, fields }: Pick<ServiceRecord, 'service' | 'fields'>): boolean =>
  Service.safeParse(recordDocument(service, fields)).success;

/** A service that is only known by what was said over the API. @throws ZodError  for fields that no file could have */
export function recordedService({ service, environment, fields, confirmed }: ServiceRecord): Service {
  const parsed = Service.parse(recordDocument(service, fields));
  return {
    ...parsed,
    name: service,
    environment,
    confirmed,
    match: { serviceNames: [service], serviceNamespace: null },
  };
}

const keyOf = (field: RecordField): keyof Service => (field === 'confirmEvery' ? 'confirmEveryMs' : field);

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/**
 * A file, and what was said beside it where it is silent. Of two confirmations the later one counts.
 * @param spoken  what the file says itself
 */
export function joinedService(file: Service, spoken: ReadonlySet<string>, record: ServiceRecord): Service {
  const said = recordedService(record);
  const added = fieldsOf(record)
    .filter((field) => !isOfFile(field, spoken))
    .map((field) => [keyOf(field), said[keyOf(field)]]);
  const isLater = record.confirmed !== null && (file.confirmed === null || record.confirmed.at >= file.confirmed.at);
  return { ...file, ...Object.fromEntries(added), ...(isLater ? { confirmed: record.confirmed } : {}) };
}

/** @param file  as it is without the record */
export function recordConflicts(file: Service, spoken: ReadonlySet<string>, record: ServiceRecord): RecordConflict[] {
  const said = recordedService(record);
  return fieldsOf(record).flatMap((field) => {
    const [ofFile, ofApi] = [file[keyOf(field)], said[keyOf(field)]];
    return isOfFile(field, spoken) && !isSame(ofFile, ofApi) ? [{ field, file: ofFile, api: ofApi }] : [];
  });
}

const fieldsOf = ({ fields }: ServiceRecord): RecordField[] => Object.keys(fields) as RecordField[];
const isOfFile = (field: RecordField, spoken: ReadonlySet<string>): boolean =>
  spoken.has(field) || JUDGED_FIELDS.includes(field);

/** @param since  when the newer of the two was said, as far as is known */
export function conflictFinding(name: string, conflicts: readonly RecordConflict[], since: Millis): Finding[] {
  if (conflicts.length === 0) return [];
  const fields = conflicts.map(({ field }) => field);
  return [
    {
      kind: 'record_conflict',
      since,
      detail: `the file of ${name} and what was said over the API differ in ${fields.join(', ')}: the file holds. What to do: correct the file, or take it back over the API`,
      evidence: { conflicts },
    },
  ];
}
