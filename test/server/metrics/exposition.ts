/** The text format of Prometheus, read strictly enough for tests. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Exposition {
  readonly samples: readonly Sample[];
  readonly types: ReadonlyMap<string, string>;
  readonly helps: ReadonlyMap<string, string>;
}

export function parseExposition(page: string): Exposition {
  const samples: Sample[] = [];
  const types = new Map<string, string>();
  const helps = new Map<string, string>();
  for (const line of page.split('\n')) {
    if (line === '') continue;
    const meta = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line);
    if (meta !== null) {
      const into = meta[1] === 'HELP' ? helps : types;
      if (into.has(meta[2]!)) throw new Error(`${meta[1]} of ${meta[2]} is said twice`);
      into.set(meta[2]!, meta[3]!);
      continue;
    }
    const sample = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line);
    if (sample === null) throw new Error(`not a sample: ${line}`);
    const labels = Object.fromEntries(
      [...(sample[2] ?? '').matchAll(/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g)].map((match) => [
        match[1]!,
        match[2]!.replaceAll(/\\(.)/g, (_all, char: string) => (char === 'n' ? '\n' : char)),
      ]),
    );
    samples.push({ name: sample[1]!, labels, value: Number(sample[3]!.replace('+Inf', 'Infinity')) });
  }
  return { samples, types, helps };
}

/** The family of a sample: buckets, sums and counts belong to their histogram. */
export const familyOf = (name: string, types: ReadonlyMap<string, string>): string => {
  const histogram = name.replace(/_(bucket|sum|count)$/, '');
  return types.get(histogram) === 'histogram' ? histogram : name;
};

/** The one sample with this name and at least these labels. */
export function sampleValue(page: string, name: string, labels: Readonly<Record<string, string>> = {}): number {
  const found = parseExposition(page).samples.filter(
    (one) => one.name === name && Object.entries(labels).every(([key, value]) => one.labels[key] === value),
  );
  if (found.length !== 1) throw new Error(`${found.length} samples of ${name} ${JSON.stringify(labels)}`);
  return found[0]!.value;
}
