import { z } from 'zod';
import { ROLES } from '../../../model/access.ts';
import { actor, byId, orNull, type Route, textOrNull, time } from './parts.ts';

const TokenInfo = z
  .object({
    id: z.string().openapi({ example: '5f2c1a9be04d', description: 'The readable part of the token.' }),
    name: z.string(),
    role: z.enum(ROLES),
    services: orNull(z.array(z.string())).openapi({ description: 'Null: for all services.' }),
    state: z.enum(['valid', 'expired', 'revoked']),
    createdAt: time,
    createdBy: z.string(),
    expiresAt: time,
    revokedAt: time.nullable(),
  })
  .openapi('TokenInfo');
const NewTokenInfo = z
  .object({
    ...TokenInfo.shape,
    token: z.string().openapi({ description: 'The token itself: it is said here and never again.' }),
  })
  .openapi('NewToken');

const SessionInfo = z
  .object({
    state: z.enum(['open', 'signed_in', 'signed_out']).openapi({
      description: '`open`: nobody is asked who they are.',
    }),
    actor: orNull(actor),
    roles: z.array(z.object({ role: z.enum(ROLES), services: orNull(z.array(z.string())) })),
    permissions: z.array(z.string()),
    csrf: textOrNull.openapi({ description: 'For the header x-plimsoll-csrf of what changes something.' }),
    oidc: z.boolean().openapi({ description: 'Whether one may sign in at an identity provider: GET /sign-in/oidc.' }),
  })
  .openapi('Session');
const SignedIn = z.object({ signedIn: z.boolean() }).openapi('SignedIn');

export type SessionJson = z.output<typeof SessionInfo>;

export const ACCESS_ROUTES: readonly Route[] = [
  {
    method: 'get',
    path: '/session',
    summary: 'Who is signed in to the console, and what they may.',
    answer: SessionInfo,
  },
  {
    method: 'post',
    path: '/session',
    summary: 'Sign-in by a token: answers with a cookie.',
    body: z.object({ token: z.string() }),
    answer: SignedIn,
  },
  { method: 'post', path: '/session/end', summary: 'Sign-out.', answer: SignedIn },
  {
    method: 'get',
    path: '/tokens',
    summary: 'Tokens that were ever made, oldest first; never what they are.',
    answer: z.object({ tokens: z.array(TokenInfo) }),
  },
  {
    method: 'post',
    path: '/tokens',
    summary: 'A new token for a role, for all services or for some.',
    body: z.object({
      role: z.enum(ROLES),
      name: z.string().optional(),
      services: z.array(z.string()).optional(),
      expiresIn: z.string().optional().openapi({ description: 'A duration like 90d, which is the default.' }),
    }),
    answer: NewTokenInfo,
  },
  {
    method: 'post',
    path: '/tokens/{id}/revoke',
    summary: 'A token is taken back, at once and for good.',
    params: byId,
    answer: TokenInfo,
  },
];
