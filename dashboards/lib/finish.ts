import type { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';

interface Panel {
  id?: number;
  panels?: Panel[];
}

interface Json {
  uid: string;
  panels: Panel[];
  links: { placement?: unknown }[];
  annotations: { list: { placement?: unknown }[] };
}

/**
 * A dashboard as it is provisioned. Panels are numbered in their order, because the builder leaves them without numbers and links
 * need them; and `placement`, with which the builder hides links and annotations one click away, is taken out.
 */
export function finish(builder: DashboardBuilder): Json {
  const json = JSON.parse(JSON.stringify(builder.build())) as Json;
  for (const one of [...json.links, ...json.annotations.list]) delete one.placement;
  let id = 0;
  for (const panel of json.panels.flatMap((one) => [one, ...(one.panels ?? [])])) panel.id = ++id;
  return json;
}
