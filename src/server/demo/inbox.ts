import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { z } from 'zod';

const Event = z.object({ type: z.string(), subject: z.string() });
export type InboxEvent = z.output<typeof Event>;

/** The other system that incidents arrive in: a webhook receiver that checks the signature of all it takes. */
export class Inbox {
  readonly secret: string;
  readonly events: InboxEvent[] = [];
  readonly #server: Server;

  private constructor(server: Server, secret: string) {
    this.#server = server;
    this.secret = secret;
  }

  static async open(): Promise<Inbox> {
    const secret = `whsec_${randomBytes(32).toString('base64')}`;
    const webhook = new Webhook(secret);
    const server = createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      try {
        const event = Event.parse(webhook.verify(body, request.headers as Record<string, string>));
        inbox.events.push(event);
        response.writeHead(204).end();
      } catch (error) {
        response.writeHead(400).end(String(error));
      }
    });
    const inbox = new Inbox(server, secret);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return inbox;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/`;
  }

  has(type: string, incident: string): boolean {
    return this.events.some((event) => event.type === `dev.plimsoll.incident.${type}.v1` && event.subject === incident);
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }
}
