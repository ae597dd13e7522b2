import type { Deployment } from '../../model/config/deployment.ts';
import { createHttp } from '../../sinks/http.ts';
import { sinks as sinkTypes } from '../../sinks/index.ts';
import { createMail } from '../../sinks/mail.ts';
import type { ConfiguredSink } from './dispatcher.ts';
import type { Ways } from './watched.ts';

/** Whom the configuration names to be told of incidents. */
export const destinationsOf = ({ sinks }: Deployment): ConfiguredSink[] =>
  sinks.map(({ name, type, ...options }) => ({ name, sink: sinkTypes[type], options }));

/** How they are reached, and which addresses may be. */
export const waysOut = ({ allow }: Deployment['egress']): Ways => ({
  http: createHttp({ allow }),
  mail: createMail({ allow }),
});
