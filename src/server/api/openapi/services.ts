import { z } from 'zod';
import { COMPONENT_KINDS } from '../../../catalog/seen-component.ts';
import { STANDINGS } from '../../../catalog/standing.ts';
import { EVIDENCE_KINDS } from '../../../model/config/service.ts';
import { RECORD_FIELDS } from '../../../model/service-record.ts';
import { VERDICTS } from '../../../objectives/reading.ts';
import { Objective } from './objectives.ts';
import {
  actor,
  byName,
  environment,
  list,
  numberOrNull,
  orNull,
  paging,
  type Route,
  textOrNull,
  time,
} from './parts.ts';

export const Finding = z
  .object({ kind: z.string(), since: time, detail: z.string(), evidence: z.record(z.string(), z.unknown()) })
  .openapi('Finding');
const CallCoverage = z
  .object({
    from: time,
    to: time,
    inMetrics: z.int(),
    failedInMetrics: z.int(),
    asSpans: z.int(),
    coverage: numberOrNull,
  })
  .openapi('CallCoverage', { description: 'Calls of models that metrics know of, and those that came as spans.' });
export const OpenIncidents = z.array(
  z.object({ id: z.string(), title: z.string(), priority: z.int(), state: z.string() }),
);
const Service = z
  .object({
    name: z.string(),
    displayName: z.string(),
    environment: textOrNull,
    declared: z.boolean().openapi({ description: 'A file declares it.' }),
    recordedBy: z.array(z.enum(['file', 'api'])).openapi({ description: 'Where its record comes from.' }),
    owner: z.object({ name: z.string(), email: textOrNull }).nullable(),
    supportGroup: textOrNull,
    criticality: z.int().nullable(),
    tier: textOrNull,
    riskClass: textOrNull,
    verdict: z.enum(VERDICTS),
    objectives: z.array(Objective),
    openIncidents: OpenIncidents,
    findings: z.array(Finding),
    callCoverage: orNull(CallCoverage),
  })
  .openapi('Service');
const SeenComponent = z
  .object({
    kind: z.enum(COMPONENT_KINDS),
    provider: textOrNull,
    name: z.string(),
    firstSeen: orNull(time),
    lastDay: z.int().openapi({ description: 'Calls of the last day; of prompts and agents interactions.' }),
    standing: z.enum(STANDINGS).openapi({ description: 'How it stands to what the file of the service lists.' }),
    approvedBy: textOrNull.openapi({ description: 'The approved change that introduces what the file does not list.' }),
  })
  .openapi('SeenComponent');
const ServiceDetail = Service.extend({
  seen: z.array(SeenComponent).openapi({ description: 'What its telemetry of the last day shows that it is made of.' }),
  evidence: z.array(z.enum(EVIDENCE_KINDS)).optional(),
  confirmed: z.object({ by: z.string(), at: z.string() }).nullable().optional(),
  agents: z.array(z.looseObject({ name: z.string() })).optional(),
  guardrails: z.array(z.looseObject({ name: z.string(), version: textOrNull })).optional(),
  description: textOrNull.optional(),
  intendedPurpose: textOrNull.optional(),
  lifecycle: z.string().optional(),
  models: z.array(z.looseObject({ provider: z.string(), name: z.string(), version: textOrNull })).optional(),
  prompts: z.array(z.looseObject({ id: z.string(), version: textOrNull })).optional(),
  vectorStores: z.array(z.looseObject({ index: z.string() })).optional(),
  tools: z.array(z.looseObject({ name: z.string(), sideEffects: z.string() })).optional(),
  dependsOn: z.array(z.looseObject({ name: z.string(), relation: z.string() })).optional(),
  links: z.object({ trace: textOrNull, runbook: textOrNull, dashboard: textOrNull }).optional(),
})
  .loose()
  .openapi('ServiceDetail', { description: 'What a file declares of it comes along.' });
export type ServiceJson = z.output<typeof Service>;
export type ServiceDetailJson = z.output<typeof ServiceDetail>;

const ServiceRecord = z
  .object({
    service: z.string(),
    environment: textOrNull,
    recordedBy: z.array(z.enum(['file', 'api'])),
    fields: z
      .record(z.string(), z.unknown())
      .openapi({ description: 'What was said over the API, as a file would have it.' }),
    conflicts: z
      .array(z.object({ field: z.enum(RECORD_FIELDS), file: z.unknown(), api: z.unknown() }))
      .openapi({ description: 'What the file says otherwise: it holds.' }),
    confirmed: z.object({ by: z.string(), at: z.string() }).nullable(),
    confirmDue: orNull(time).openapi({ description: 'By when it is to be confirmed; null: nothing is asked for.' }),
    revision: z.int(),
    history: z.array(
      z.object({
        at: time,
        by: actor,
        event: z.enum(['changed', 'confirmed']),
        fields: z.array(z.enum(RECORD_FIELDS)),
        reason: textOrNull,
      }),
    ),
    mayChange: z.boolean().openapi({ description: 'Whether whoever asks may say and confirm it.' }),
  })
  .openapi('ServiceRecord');
export type ServiceRecordJson = z.output<typeof ServiceRecord>;
const whose = {
  environment: z.string().nullable().optional().openapi({ description: 'Absent: the only one that there is.' }),
  person: z.string().optional().openapi({ description: 'Who it is, where a token or nobody signs in.' }),
};

export const SERVICE_ROUTES: readonly Route[] = [
  {
    method: 'get',
    path: '/services/{name}/record',
    summary: 'What was said of a service over the API, beside its file.',
    params: byName,
    query: z.object({ environment }),
    answer: ServiceRecord,
  },
  {
    method: 'post',
    path: '/services/{name}/record',
    summary: 'Says fields of the record of a service; one without a file is registered so. Null takes a field back.',
    params: byName,
    body: z.object({
      fields: z.object(
        Object.fromEntries(
          RECORD_FIELDS.map((field) => [field, z.unknown().openapi({ description: 'As a file has it, or null.' })]),
        ),
      ),
      reason: z.string(),
      revision: z.int().optional().openapi({ description: 'What was seen: refused when it is another by now.' }),
      ...whose,
    }),
    answer: ServiceRecord,
    conflict: true,
  },
  {
    method: 'post',
    path: '/services/{name}/confirm',
    summary: 'Whoever answers for a service has looked through its record today, and found it right.',
    params: byName,
    body: z.object({ reason: textOrNull.optional(), ...whose }),
    answer: ServiceRecord,
    conflict: true,
  },
  {
    method: 'get',
    path: '/services',
    summary: 'Services, declared or seen in telemetry.',
    query: z.object({ ...paging, environment }),
    answer: list('services', Service),
  },
  {
    method: 'get',
    path: '/services/{name}',
    summary: 'One service.',
    params: byName,
    query: z.object({ environment }),
    answer: ServiceDetail,
  },
];
