import type { Configuration } from 'openid-client';
import { LOCAL } from '../../model/access.ts';
import type { OidcConfig } from '../../model/config/auth.ts';
import type { Millis } from '../../model/time.ts';
import { isInsecureButLocal } from './exposure.ts';

/** What the provider says of itself is asked for again after so long. */
const DISCOVER_EVERY: Millis = 3_600_000;
/** In how long somebody has to sign in at the provider. */
export const SIGN_IN_WITHIN: Millis = 10 * 60_000;

/** What is known of a sign-in that is under way; kept by the browser, sealed. */
export interface Pending {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
  readonly returnTo: string;
  readonly at: Millis;
}

/** Whom the provider says it is. */
export interface Person {
  readonly subject: string;
  readonly name: string | null;
  readonly groups: readonly string[];
}

export interface OidcOptions {
  readonly config: OidcConfig;
  readonly secret: (reference: string) => Promise<string>;
  /** Where the console is reached; the provider sends people back below it. */
  readonly consoleUrl: () => string;
  readonly now: () => Millis;
}

export const CALLBACK = '/sign-in/callback';

/** Not before somebody signs in: most servers have no provider. */
const library = (): Promise<typeof import('openid-client')> => import('openid-client');

/**
 * Sign-in at an OpenID provider: authorization code with PKCE, state and nonce; the ID token's signature, issuer, audience and times
 * are checked by openid-client. @see https://openid.net/specs/openid-connect-core-1_0.html#CodeFlowAuth
 */
export class OidcSignIn {
  readonly #options: OidcOptions;
  #provider: { readonly configuration: Configuration; readonly at: Millis } | null = null;

  constructor(options: OidcOptions) {
    this.#options = options;
  }

  /** Where the provider leads people back to, without its path. */
  get consoleUrl(): string {
    return this.#options.consoleUrl();
  }

  /** Where to send somebody who wants to sign in. @throws when the provider can't be asked */
  async begin(returnTo: string): Promise<{ readonly url: URL; readonly pending: Pending }> {
    const { config, consoleUrl, now } = this.#options;
    const provider = await this.#discovered();
    const client = await library();
    const pending = {
      state: client.randomState(),
      nonce: client.randomNonce(),
      verifier: client.randomPKCECodeVerifier(),
      returnTo,
      at: now(),
    };
    const url = client.buildAuthorizationUrl(provider, {
      redirect_uri: consoleUrl() + CALLBACK,
      scope: config.scopes.join(' '),
      state: pending.state,
      nonce: pending.nonce,
      code_challenge: await client.calculatePKCECodeChallenge(pending.verifier),
      code_challenge_method: 'S256',
    });
    return { url, pending };
  }

  /** @param search  of the address that the provider sent somebody back to. @throws when that is not as it should be */
  async finish(search: string, { state, nonce, verifier }: Pending): Promise<Person> {
    const { config, consoleUrl } = this.#options;
    const provider = await this.#discovered();
    const client = await library();
    const answer = await client.authorizationCodeGrant(provider, new URL(consoleUrl() + CALLBACK + search), {
      expectedState: state,
      expectedNonce: nonce,
      pkceCodeVerifier: verifier,
      idTokenExpected: true,
    });
    let claims: Readonly<Record<string, unknown>> = answer.claims()!;
    const subject = String(claims['sub']);
    // In the audit log they would be whoever reached a Plimsoll that asked nobody.
    if (subject === LOCAL.actor.id)
      throw new Error(`the provider calls somebody ${subject}, which nobody may be called`);
    const isComplete = claims[config.groupsClaim] !== undefined && claims[config.nameClaim] !== undefined;
    if (!isComplete && provider.serverMetadata().userinfo_endpoint !== undefined)
      claims = { ...(await client.fetchUserInfo(provider, answer.access_token, subject)), ...claims };
    const name = claims[config.nameClaim];
    return {
      subject,
      name: typeof name === 'string' && name !== '' ? name : null,
      groups: textsOf(claims[config.groupsClaim]),
    };
  }

  async #discovered(): Promise<Configuration> {
    const { config, secret, now } = this.#options;
    if (this.#provider !== null && Math.abs(now() - this.#provider.at) < DISCOVER_EVERY)
      return this.#provider.configuration;
    const clientSecret = await secret(config.clientSecret);
    const isLocal = isInsecureButLocal(config.issuer);
    const { clientId } = config;
    const client = await library();
    const metadata = (
      await client.discovery(new URL(config.issuer), clientId, clientSecret, undefined, {
        // openid-client asks over https only, unless told otherwise.
        execute: isLocal ? [client.allowInsecureRequests] : [],
      })
    ).serverMetadata();
    // What a provider that says nothing takes: https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderMetadata
    const takesBasic = metadata.token_endpoint_auth_methods_supported?.includes('client_secret_basic') ?? true;
    const configuration = new client.Configuration(
      metadata,
      clientId,
      clientSecret,
      takesBasic ? client.ClientSecretBasic(clientSecret) : client.ClientSecretPost(clientSecret),
    );
    if (isLocal) client.allowInsecureRequests(configuration);
    // Left out, a signature is not looked at: the connection is trusted, and whoever may stand in it.
    client.enableNonRepudiationChecks(configuration);
    this.#provider = { configuration, at: now() };
    return configuration;
  }
}

const textsOf = (claim: unknown): string[] =>
  (Array.isArray(claim) ? claim : [claim]).filter((one): one is string => typeof one === 'string');
