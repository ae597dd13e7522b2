import type { Family } from './family.ts';

/** How a page is written: the text format 0.0.4, or OpenMetrics 1.0 for who asks for it. */
export type Format = 'text' | 'openmetrics';

export const CONTENT_TYPES: Readonly<Record<Format, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

/** The media types that a request may ask for, the first when it does not mind. */
export const MEDIA_TYPES = {
  'text/plain;version=0.0.4': 'text',
  'application/openmetrics-text;version=1.0.0': 'openmetrics',
} as const;

/** The lines above a family. In OpenMetrics a counter is called by what it is without its `_total`. */
export function headerOf(
  { name, type, help }: Pick<Family, 'type' | 'help'> & { name: string },
  format: Format,
): string {
  const called = format === 'openmetrics' && type === 'counter' ? name.replace(/_total$/, '') : name;
  return `# HELP ${called} ${escaped(help)}\n# TYPE ${called} ${type}\n`;
}

const escaped = (help: string): string => help.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
