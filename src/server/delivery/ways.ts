import { ownerSinkOf } from '../../incidents/owner-sink.ts';
import type { Deployment } from '../../model/config/deployment.ts';
import type { Service } from '../../model/config/service.ts';
import type { SinkConfig } from '../../model/config/sink.ts';
import { createHttp } from '../../sinks/http.ts';
import { sinks as sinkTypes } from '../../sinks/index.ts';
import { createMail } from '../../sinks/mail.ts';
import { ownerMailer } from '../incidents/care-rules.ts';
import type { ConfiguredSink } from './dispatcher.ts';
import type { Ways } from './watched.ts';

/** Whom the configuration names to be told of incidents. */
export const destinationsOf = ({ sinks }: Deployment): ConfiguredSink[] => sinks.map(destination);

const destination = ({ name, type, ...options }: SinkConfig): ConfiguredSink => ({
  name,
  sink: sinkTypes[type],
  options,
});

/** The owners of services who are told when no level of an escalation is left: by mail, the way of the first sink of that type. */
export function ownersOf(deployment: Deployment, services: readonly Service[]): ConfiguredSink[] {
  const mailer = ownerMailer(deployment);
  if (mailer === null) return [];
  return services.flatMap((service) => {
    const email = service.escalationPolicy === null ? null : (service.owner?.email ?? null);
    return email === null ? [] : [destination({ ...mailer, name: ownerSinkOf(service), to: [email] })];
  });
}

/** How they are reached, and which addresses may be. */
export const waysOut = ({ allow }: Deployment['egress']): Ways => ({
  http: createHttp({ allow }),
  mail: createMail({ allow }),
});
