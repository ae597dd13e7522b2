import type { World } from '../world.ts';

/** A browser without a window: keeps cookies by host and follows where it is led. */
export class Visitor {
  readonly #world: World;
  readonly #cookies = new Map<string, Map<string, string>>();
  /** Every `Set-Cookie` that came. */
  readonly setCookies: string[] = [];

  constructor(world: World) {
    this.#world = world;
  }

  cookie(name: string): string | undefined {
    return this.#jar(this.#world.plimsoll.addresses.http).get(name);
  }

  put(name: string, value: string): void {
    this.#jar(this.#world.plimsoll.addresses.http).set(name, value);
  }

  #jar(url: string): Map<string, string> {
    const { origin } = new URL(url);
    const jar = this.#cookies.get(origin) ?? new Map<string, string>();
    this.#cookies.set(origin, jar);
    return jar;
  }

  async ask(url: string, init: RequestInit = {}): Promise<Response> {
    const jar = this.#jar(url);
    const response = await fetch(url, {
      ...init,
      redirect: 'manual',
      headers: { ...(init.headers as object), cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') },
    });
    for (const text of response.headers.getSetCookie()) {
      this.setCookies.push(text);
      const [pair = ''] = text.split(';');
      const at = pair.indexOf('=');
      if (/max-age=0|expires=Thu, 01 Jan 1970/i.test(text)) jar.delete(pair.slice(0, at));
      else jar.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return response;
  }

  /** Where it comes to in the end: the first address that leads no further. */
  async follow(url: string): Promise<{ url: string; response: Response }> {
    for (let at = url, steps = 0; steps < 12; steps++) {
      const response = await this.ask(at);
      const to = response.headers.get('location');
      if (to === null) return { url: at, response };
      at = new URL(to, at).href;
    }
    throw new Error(`led on and on, from ${url}`);
  }

  async get(path: string): Promise<{ status: number; json: Record<string, unknown> }> {
    const response = await this.ask(this.#world.api + path);
    return { status: response.status, json: (await response.json()) as Record<string, unknown> };
  }

  /** As a page of the console would, unless `headers` say otherwise. */
  async post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
    const { json } = await this.get('/session');
    return this.ask(this.#world.api + path, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'sec-fetch-site': 'same-origin',
        ...(typeof json['csrf'] === 'string' && { 'x-plimsoll-csrf': json['csrf'] }),
        ...headers,
      },
      body: JSON.stringify(body),
    });
  }
}
