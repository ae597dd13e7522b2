import type { Incident } from '../model/incident.ts';
import { incidentUrl } from './sink.ts';

/** A place to go on from, for tools that show links. Addresses are absolute, http or https. */
export interface Link {
  readonly text: string;
  readonly href: string;
}

/** No tool takes longer ones everywhere. */
const HREF_MAX = 2000;

/** The evidence first, then the runbook, the dashboard and the bad traces. What is no address is left out. */
export function linksOf(incident: Incident, consoleUrl: string): Link[] {
  const { runbook, dashboard, trace } = incident.links;
  const traces =
    trace === null ? [] : incident.traces.bad.map((id) => trace.replaceAll('{traceId}', () => encoded(id)));
  return [
    { text: 'Evidence', href: incidentUrl(consoleUrl, incident.id) },
    { text: 'Runbook', href: runbook },
    { text: 'Dashboard', href: dashboard },
    ...traces.map((href, i) => ({ text: `Bad trace ${i + 1}`, href })),
  ].flatMap(({ text, href }) => {
    const address = href === null ? null : httpAddress(href);
    return address === null ? [] : [{ text, href: address }];
  });
}

const encoded = (id: string): string => encodeURIComponent(id.toWellFormed());

/** As a URL parser writes it, which leaves no space, quote or angle bracket in it. */
function httpAddress(text: string): string | null {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) return null;
  return url.href.length <= HREF_MAX ? url.href : null;
}
