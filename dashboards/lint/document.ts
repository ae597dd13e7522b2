/** The parts of a dashboard's JSON that the rules look at. */
export interface Document {
  uid?: string;
  id?: number | null;
  editable?: boolean;
  schemaVersion?: number;
  __inputs?: unknown;
  time?: { from?: string };
  templating?: { list: Variable[] };
  annotations?: { list: Annotation[] };
  links?: Link[];
  panels?: Panel[];
}

export interface Variable {
  name: string;
  type: string;
  query?: string;
  multi?: boolean;
  allValue?: string;
  refresh?: number;
}

export interface Annotation {
  name: string;
  expr?: string;
  target?: Target;
}

export interface Link {
  url?: string;
}

export interface Panel {
  id?: number;
  type: string;
  title?: string;
  description?: string;
  collapsed?: boolean;
  gridPos?: { w: number };
  datasource?: { uid?: string };
  targets?: Target[];
  fieldConfig?: { defaults?: Defaults; overrides?: Override[] };
  links?: Link[];
  panels?: Panel[];
}

export interface Target {
  refId: string;
  /** In PromQL. */
  expr?: string;
  /** In InfluxQL. */
  query?: string;
  legendFormat?: string;
  alias?: string;
  instant?: boolean;
  timeEndColumn?: string;
  datasource?: { uid?: string };
}

export interface Defaults {
  unit?: string;
  noValue?: string;
  color?: { mode?: string };
  mappings?: { options?: Record<string, { text?: string; color?: string }> }[];
  thresholds?: { steps: { value: number | null; color: string }[] };
  links?: Link[];
  custom?: { spanNulls?: unknown; insertNulls?: unknown };
}

export interface Override {
  matcher: { id: string; options: string };
  properties: Property[];
}

export interface Property {
  id: string;
  // biome-ignore lint/suspicious/noExplicitAny: what it is depends on the id
  value?: any;
}

/** Panels, those in collapsed rows too. */
export const panelsOf = (document: Document): Panel[] =>
  (document.panels ?? []).flatMap((panel) => [panel, ...(panel.panels ?? [])]);

/** Panels that show data. */
export const dataPanelsOf = (document: Document): Panel[] =>
  panelsOf(document).filter(({ type }) => type !== 'row' && type !== 'text');

export const nameOf = (panel: Panel): string => `#${panel.id} ${panel.title}`;
