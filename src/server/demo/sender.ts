import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';

const Receipt = z.object({ accepted: z.number(), rejected: z.array(z.unknown()) });
const ATTEMPTS = 60;

/** Sends to Plimsoll as its clients do: again after the time it names when it has no room, and counts what was acknowledged. */
export class Sender {
  readonly #otlp: string;
  readonly #api: string;

  constructor(addresses: { http: string; otlpHttp: string }) {
    this.#otlp = `${addresses.otlpHttp}/v1/traces`;
    this.#api = `${addresses.http}/api/v1`;
  }

  /** @throws Error when a span was refused */
  async spans(body: string): Promise<void> {
    const text = await post(this.#otlp, body);
    if (text !== '{}') throw new Error(`spans were refused: ${text}`);
  }

  /** @returns how many were taken. @throws Error when any was refused */
  async list(key: 'evaluations' | 'feedback' | 'changes', items: readonly object[]): Promise<number> {
    if (items.length === 0) return 0;
    const { accepted, rejected } = Receipt.parse(
      JSON.parse(await post(`${this.#api}/${key}`, JSON.stringify({ [key]: items }))),
    );
    if (rejected.length > 0) throw new Error(`${key} were refused: ${JSON.stringify(rejected[0])}`);
    return accepted;
  }
}

async function post(url: string, body: string): Promise<string> {
  for (let attempt = 1; ; attempt++) {
    const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
    const text = await response.text();
    if (response.ok) return text;
    if (response.status !== 503 || attempt === ATTEMPTS) throw new Error(`${url}: ${response.status} ${text}`);
    await wait(1000 * Number(response.headers.get('retry-after') ?? 1));
  }
}
