import type { IncidentJson } from '../../../model/incident.ts';
import type { EscalationJson, TimerJson } from '../../api/incident-care.ts';
import type { SessionJson } from '../../api/openapi/access.ts';
import type { DependenciesJson, DependencyGraphJson } from '../../api/openapi/dependencies.ts';
import type { DeploymentJson } from '../../api/openapi/deployment.ts';
import type { IncidentStatisticsJson } from '../../api/openapi/incidents.ts';
import type { InteractionJson } from '../../api/openapi/interactions.ts';
import type { MeasuresJson } from '../../api/openapi/measures.ts';
import type { ObjectiveDetailJson, ObjectiveJson, ObjectivePeriodJson } from '../../api/openapi/objectives.ts';
import type { DeliveryJson, DestinationJson, OutboxMessageJson } from '../../api/openapi/outbox.ts';
import type { ProblemDetailJson, ProblemInfoJson, ProblemTrendJson } from '../../api/openapi/problems.ts';
import type { ServiceDetailJson, ServiceJson, ServiceRecordJson } from '../../api/openapi/services.ts';
import type { SilenceInfoJson } from '../../api/openapi/silences.ts';

export type {
  DeliveryJson,
  DependenciesJson,
  DependencyGraphJson,
  DeploymentJson,
  DestinationJson,
  EscalationJson,
  IncidentJson,
  IncidentStatisticsJson,
  InteractionJson,
  MeasuresJson,
  ObjectiveDetailJson,
  ObjectiveJson,
  ObjectivePeriodJson,
  OutboxMessageJson,
  ProblemDetailJson,
  ProblemInfoJson,
  ProblemTrendJson,
  ServiceDetailJson,
  ServiceJson,
  ServiceRecordJson,
  SessionJson,
  SilenceInfoJson,
  TimerJson,
};

export interface IncidentDetailJson extends IncidentJson {
  readonly advice: readonly string[];
  readonly moves: readonly string[];
  readonly deliveries: readonly DeliveryJson[];
  readonly children: readonly { readonly id: string; readonly service: string; readonly title: string }[];
  readonly timers: readonly TimerJson[];
  readonly escalation: EscalationJson | null;
}

/** The API said no, and why (RFC 9457). */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly status: number;
  /** Moves that would be possible, of a 409. */
  readonly legal: readonly string[];

  constructor(status: number, detail: string, legal: readonly string[]) {
    super(detail);
    this.status = status;
    this.legal = legal;
  }
}

let unknown: () => void = () => {};
/** Told when the API does not know any more who asks. */
export const onUnknown = (listener: () => void): void => {
  unknown = listener;
};

let csrf: string | null = null;
/** What is shown with whatever changes something: only a page of this origin can have read it. */
export const showCsrf = (value: string | null): void => {
  csrf = value;
};

async function ask<T>(path: string, init: RequestInit): Promise<T> {
  const response = await fetch(`/api/v1${path}`, { ...init, headers: { accept: 'application/json', ...init.headers } });
  const body = (await response.json().catch(() => null)) as { detail?: unknown; legal?: unknown } | null;
  if (response.ok && body !== null) return body as T;
  if (response.status === 401 && path !== '/session') unknown();
  const detail = typeof body?.detail === 'string' ? body.detail : `${response.status} ${response.statusText}`;
  throw new Refused(response.status, detail, Array.isArray(body?.legal) ? body.legal.map(String) : []);
}

export const get = <T>(path: string, signal?: AbortSignal): Promise<T> =>
  ask<T>(path, signal === undefined ? {} : { signal });

export const post = <T>(path: string, body: unknown): Promise<T> =>
  ask<T>(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(csrf !== null && { 'x-plimsoll-csrf': csrf }) },
    body: JSON.stringify(body),
  });

/** Ends what is at an address. */
export const remove = <T>(path: string): Promise<T> =>
  ask<T>(path, { method: 'DELETE', headers: csrf === null ? {} : { 'x-plimsoll-csrf': csrf } });

export const askSession = (): Promise<SessionJson> => ask<SessionJson>('/session', {});
