import { type Exchange, otlpOf, type World } from '../world.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly json: Record<string, unknown>;
}

/** Somebody who asks a world, with a token or without. */
export class Client {
  readonly #world: World;
  readonly #token: string | undefined;

  constructor(world: World, token?: string) {
    this.#world = world;
    this.#token = token;
  }

  get headers(): Record<string, string> {
    return this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` };
  }

  async ask(url: string, init: RequestInit = {}): Promise<Answer> {
    const response = await fetch(url, { ...init, headers: { ...this.headers, ...(init.headers as object) } });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '') && text !== '';
    return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : {} };
  }

  get(path: string): Promise<Answer> {
    return this.ask(this.#world.api + path);
  }

  post(path: string, body: unknown): Promise<Answer> {
    return this.ask(this.#world.api + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  }

  /** OTLP over HTTP, as JSON. */
  spans(exchanges: readonly Exchange[]): Promise<Answer> {
    return this.ask(`${this.#world.plimsoll.addresses.otlpHttp}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(otlpOf(exchanges)),
    });
  }

  async make(wanted: object): Promise<{ token: string; id: string }> {
    const { status, json, text } = await this.post('/tokens', wanted);
    if (status !== 200) throw new Error(text);
    return json as { token: string; id: string };
  }

  /** Entries of the audit trail of one type, oldest first. */
  async audit(type: string): Promise<{ actor: string; data: unknown }[]> {
    await this.#world.plimsoll.access.log.written();
    const rows = await this.#world.plimsoll.records
      .selectFrom('audit_entry')
      .select(['actor', 'entry'])
      .where('type', '=', type)
      .orderBy('seq')
      .execute();
    return rows.map(({ actor, entry }) => ({ actor, data: JSON.parse(entry).data }));
  }

  async auditText(): Promise<string> {
    await this.#world.plimsoll.access.log.written();
    return JSON.stringify(await this.#world.plimsoll.records.selectFrom('audit_entry').selectAll().execute());
  }
}
