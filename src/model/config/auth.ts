import { z } from 'zod';
import { ROLES } from '../access.ts';
import { map } from './document.ts';
import { duration, httpUrl, list, maybe, secret, text } from './fields.ts';

/** Whoever the identity provider says is in a group has a role, for some services or (null) for all. */
const groupRole = map({
  /** As the groups claim has it; `*` is everybody whom the provider lets sign in. */
  group: text,
  role: z.enum(ROLES),
  services: maybe(list(text).min(1, 'expected the name of a service; leave the key out for all')),
});

/** Sign-in to the console by OpenID Connect: authorization code with PKCE. */
const oidc = map({
  /** Where `/.well-known/openid-configuration` is found below. */
  issuer: httpUrl.transform((url) => url.replace(/\/+$/, '')),
  clientId: text,
  clientSecret: secret,
  scopes: list(text).default(['openid', 'profile', 'email']),
  /** The claim that lists the groups of a person. */
  groupsClaim: text.default('groups'),
  /** The claim that people are called by; who they are is `sub`. */
  nameClaim: text.default('email'),
  /** The first that fits is not all: a person has the roles of all their groups. */
  roles: list(groupRole).min(1, 'expected a group and its role'),
});

/** Who may come in. With this in the file everybody has to say who they are, also on loopback. */
export const auth = map({
  /** Of people who are signed in to the console. */
  session: map({ idle: duration('1m', '30d').prefault('30m'), absolute: duration('5m', '90d').prefault('12h') })
    .transform(({ idle, absolute }) => ({ idleMs: idle, absoluteMs: absolute }))
    .prefault({}),
  oidc: maybe(oidc),
});
export type Auth = z.output<typeof auth>;
export type OidcConfig = NonNullable<Auth['oidc']>;

/** Where no file says otherwise. */
export const DEFAULT_SESSION: Auth['session'] = { idleMs: 30 * 60_000, absoluteMs: 12 * 3_600_000 };
