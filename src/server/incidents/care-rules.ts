import type { CareRules } from '../../incidents/care.ts';
import { type EscalationPolicy, type EscalationSink, stepsOf } from '../../incidents/escalation-policy.ts';
import { ALWAYS, type Hours, hoursOf } from '../../incidents/hours.ts';
import { ownerSinkOf } from '../../incidents/owner-sink.ts';
import { targetFor } from '../../incidents/targets.ts';
import type { Deployment } from '../../model/config/deployment.ts';
import type { Service } from '../../model/config/service.ts';
import { SELF_ESCALATING_SINKS, type SinkConfig } from '../../model/config/sink.ts';
import type { Incident } from '../../model/incident.ts';
import { sinks as sinkTypes } from '../../sinks/index.ts';
import { fallbackIn } from '../config/fallback-checks.ts';

/** Rules as a configuration has them, and the hours that they name. */
export interface ConfiguredCare extends CareRules {
  /** @param schedule  null: around the clock; so is one that is no longer there */
  readonly hoursNamed: (schedule: string | null) => Hours;
}

export function careRulesOf(deployment: Deployment, services: readonly Service[]): ConfiguredCare {
  const hours = new Map(deployment.schedules.map((one) => [one.name, hoursOf(one)]));
  const sinks = new Map(deployment.sinks.map((sink) => [sink.name, escalationSink(sink, deployment.sinks)]));
  const policies = new Map<string, EscalationPolicy>(
    deployment.escalationPolicies.map(({ name, levels, quietOutside }) => [
      name,
      { name, steps: stepsOf(levels, sinks), quietOutside: hours.get(quietOutside ?? '') ?? null },
    ]),
  );
  const byName = new Map(services.map((service) => [keyOf(service.name, service.environment), service]));
  const serviceOf = ({ service, environment }: Incident): Service | undefined =>
    byName.get(keyOf(service, environment ?? '')) ?? byName.get(keyOf(service, ''));
  const hasMail = ownerMailer(deployment) !== null;
  return {
    hoursNamed: (schedule) => hours.get(schedule ?? '') ?? ALWAYS,
    targetsOf: (incident) => {
      const ofService = serviceOf(incident)?.schedule ?? null;
      return (kind, priority) =>
        targetFor(deployment.incidentTargets, kind, priority, ofService, (name) => hours.get(name));
    },
    policyOf: (incident) => policies.get(serviceOf(incident)?.escalationPolicy ?? '') ?? null,
    ownerOf: (incident) => {
      const service = serviceOf(incident);
      if (service?.owner == null) return null;
      return { name: service.owner.name, sink: hasMail && service.owner.email !== null ? ownerSinkOf(service) : null };
    },
  };
}

const keyOf = (name: string, environment: string): string => `${name}\n${environment}`;

const escalationSink = (sink: SinkConfig, all: readonly SinkConfig[]): EscalationSink => ({
  class: sinkTypes[sink.type].class,
  escalatesItself: SELF_ESCALATING_SINKS.includes(sink.type),
  fallback: fallbackIn(all, sink.name),
});

/** The sink whose server brings mail to owners; null: there is none. */
export const ownerMailer = ({ sinks }: Deployment): Extract<SinkConfig, { type: 'email' }> | null =>
  sinks.find((sink) => sink.type === 'email') ?? null;
