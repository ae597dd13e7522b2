import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';

export interface Account {
  readonly id: string;
  readonly email?: string;
  readonly groups?: readonly string[];
}

/** A real OpenID provider on loopback. Whoever comes to it is the account that is set, and agrees to everything. */
export class IdentityProvider {
  readonly #server: Server;
  readonly #accounts = new Map<string, Account>();
  readonly issuer: string;
  /** What becomes of the ID tokens that it hands out; null: they stay as they are. */
  forge: ((idToken: string) => string) | null = null;
  /** Who signs in next. */
  account: Account = { id: 'nobody' };

  private constructor(server: Server) {
    this.#server = server;
    this.issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async start(): Promise<IdentityProvider> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new IdentityProvider(server);
  }

  /** Its one client comes back to this address. */
  serve(redirectUri: string): void {
    const provider = new Provider(this.issuer, {
      clients: [{ client_id: 'plimsoll', client_secret: 'secret of env:OIDC_SECRET', redirect_uris: [redirectUri] }],
      claims: { openid: ['sub'], email: ['email'], profile: ['groups'] },
      // Claims come by the user info, as most providers have it.
      conformIdTokenClaims: true,
      features: { devInteractions: { enabled: false } },
      interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
      cookies: { keys: ['a key of a test'] },
      findAccount: (_context, id) => {
        const account = this.#accounts.get(id);
        return account && { accountId: id, claims: () => ({ sub: id, email: account.email, groups: account.groups }) };
      },
    });
    provider.use(async (context, next) => {
      await next();
      const answer = context.body as { id_token?: string } | undefined;
      if (context.path === '/token' && this.forge !== null && answer?.id_token !== undefined)
        answer.id_token = this.forge(answer.id_token);
    });
    const handle = provider.callback();
    this.#server.on('request', async (request, response) => {
      if (request.url?.startsWith('/interaction/') !== true) return handle(request, response);
      const { prompt, params, grantId } = await provider.interactionDetails(request, response);
      if (prompt.name === 'login') {
        this.#accounts.set(this.account.id, this.account);
        return provider.interactionFinished(request, response, { login: { accountId: this.account.id } });
      }
      const grant =
        (grantId === undefined ? undefined : await provider.Grant.find(grantId)) ??
        new provider.Grant({ accountId: this.account.id, clientId: String(params['client_id']) });
      grant.addOIDCScope(String(params['scope']));
      return provider.interactionFinished(request, response, { consent: { grantId: await grant.save() } });
    });
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
