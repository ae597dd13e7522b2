import { z } from 'zod';

const Objective = z.object({
  name: z.string(),
  verdict: z.string(),
  estimate: z.object({ value: z.number().nullable(), n: z.number() }).nullable(),
  detector: z.object({ evidence: z.number() }).nullable(),
});
export type DemoObjective = z.output<typeof Objective>;

const Incident = z.object({
  id: z.string(),
  state: z.string(),
  service: z.string(),
  title: z.string(),
  summary: z.string(),
  description: z.string(),
  priority: z.number(),
  startedAt: z.string(),
  openedAt: z.string(),
  resolvedAt: z.string().nullable(),
  slices: z.array(z.object({ name: z.string() })),
});
export type DemoIncident = z.output<typeof Incident>;

const Page = z.object({ interactions: z.array(z.unknown()), nextCursor: z.string().optional() });

/** What the demo asks Plimsoll, through the API that everybody has. */
export class PlimsollApi {
  readonly #base: string;

  constructor(http: string) {
    this.#base = `${http}/api/v1`;
  }

  async incidents(): Promise<DemoIncident[]> {
    return z.object({ incidents: z.array(Incident) }).parse(await this.#get('/incidents?limit=100')).incidents;
  }

  async objectivesOf(service: string): Promise<DemoObjective[]> {
    const { objectives } = z
      .object({ objectives: z.array(Objective.extend({ service: z.string() })) })
      .parse(await this.#get('/objectives'));
    return objectives.filter((objective) => objective.service === service);
  }

  /** How many interactions of a service ended since an instant (ms), as stored. */
  async countInteractions(service: string, from: number): Promise<number> {
    const base = `/services/${service}/interactions?limit=1000&from=${new Date(from).toISOString()}`;
    let count = 0;
    for (let cursor: string | undefined = ''; cursor !== undefined; ) {
      const page = Page.parse(await this.#get(cursor === '' ? base : `${base}&cursor=${encodeURIComponent(cursor)}`));
      count += page.interactions.length;
      cursor = page.nextCursor;
    }
    return count;
  }

  async #get(path: string): Promise<unknown> {
    const response = await fetch(this.#base + path);
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response.json();
  }
}
