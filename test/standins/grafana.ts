import type { Answer, Received } from './http-server.ts';

export interface Annotation {
  readonly id: number;
  readonly time: number;
  timeEnd: number;
  tags: string[];
  text: string;
}

const json = (status: number, body: unknown): Answer => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

/** Grafana's annotations: anything posted twice is there twice, a search needs all tags, a wrong token is 401. */
export class GrafanaModel {
  annotations: Annotation[] = [];
  token = 'glsa_GRAFANA-TOKEN-6';
  #made = 0;

  reset(): void {
    this.annotations = [];
    this.#made = 0;
  }

  readonly answer = ({ method, path, headers, body }: Received): Answer => {
    if (headers['authorization'] !== `Bearer ${this.token}`) return json(401, { message: 'Invalid API key' });
    const url = new URL(path, 'https://grafana.example.com');
    const [, id] = /^\/api\/annotations(?:\/(\d+))?$/.exec(url.pathname) ?? [null];
    if (id === null) return json(404, { message: 'Not found' });
    if (method === 'GET') return this.#search(url.searchParams.getAll('tags'));
    const input = JSON.parse(body) as Partial<Annotation>;
    if (method === 'POST') return this.#create(input);
    const annotation = this.annotations.find((one) => `${one.id}` === id);
    if (annotation === undefined) return json(404, { message: 'Could not find annotation to update' });
    // As Grafana does it, what is zero or empty isn't set.
    if (input.timeEnd) annotation.timeEnd = input.timeEnd;
    if (input.text) annotation.text = input.text;
    if (input.tags) annotation.tags = input.tags;
    return json(200, { message: 'Annotation patched' });
  };

  #search(tags: string[]): Answer {
    return json(200, this.annotations.filter((one) => tags.every((tag) => one.tags.includes(tag))).slice(0, 100));
  }

  #create({ time, text, tags = [] }: Partial<Annotation>): Answer {
    if (!text) return json(400, { message: 'text field should not be empty' });
    if (!Number.isInteger(time)) return json(400, { message: 'bad request data' });
    this.annotations.push({ id: ++this.#made, time: time!, timeEnd: time!, tags, text });
    return json(200, { message: 'Annotation added', id: this.#made });
  }
}
