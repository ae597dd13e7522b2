import type { DashboardBuilder } from '@grafana/grafana-foundation-sdk/dashboard';

interface Link {
  title: string;
  url: string;
  targetBlank: boolean;
}

interface Panel {
  id?: number;
  panels?: Panel[];
  fieldConfig?: { defaults: { links?: Link[] } };
}

interface Json {
  uid: string;
  panels: Panel[];
  links: { placement?: unknown }[];
  annotations: { list: { placement?: unknown }[] };
}

/**
 * A dashboard as it is provisioned. Panels are numbered in their order, because the builder leaves them without numbers and links
 * need them; and `placement`, with which the builder hides links and annotations one click away, is taken out. Of links of data the
 * builder writes more than they have.
 */
export function finish(builder: DashboardBuilder): Json {
  const json = JSON.parse(JSON.stringify(builder.build())) as Json;
  for (const one of [...json.links, ...json.annotations.list]) delete one.placement;
  let id = 0;
  for (const panel of json.panels.flatMap((one) => [one, ...(one.panels ?? [])])) {
    panel.id = ++id;
    const { links } = panel.fieldConfig?.defaults ?? {};
    if (links !== undefined)
      panel.fieldConfig!.defaults.links = links.map(({ title, url, targetBlank }) => ({ title, url, targetBlank }));
  }
  return json;
}
