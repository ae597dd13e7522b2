import type { Permission } from '../../model/access.ts';

/** What a route asks of whoever calls it. */
export interface RouteAccess {
  /** `anybody`: also who did not say who they are. `anyone`: whoever has come in. */
  readonly may: Permission | 'anybody' | 'anyone';
  /** It is about all services: who may for some only is refused. What is about one service, or a list, looks at the scope itself. */
  readonly ofAll?: true;
  /** `{name}` is a service: one that is outside of the scope is not there. */
  readonly service?: true;
}

/**
 * Who may call what: every route, outside of the console's files. A route that is not here is not there once people have to say who
 * they are; `test/server/access/routes.test.ts` asks each of them as each role.
 */
export const ROUTE_ACCESS: Readonly<Record<string, RouteAccess>> = {
  'GET /healthz': { may: 'anybody' },
  'GET /readyz': { may: 'anybody' },
  'GET /metrics': { may: 'read', ofAll: true },
  'GET /api/v1/openapi.json': { may: 'anybody' },
  'GET /api/v1/deployment': { may: 'read' },
  'POST /api/v1/feedback': { may: 'send' },
  'POST /api/v1/evaluations': { may: 'send' },
  'POST /api/v1/labels': { may: 'send' },
  'POST /api/v1/changes': { may: 'send' },
  'GET /api/v1/changes': { may: 'read' },
  'GET /api/v1/changes/{id}': { may: 'read' },
  'GET /api/v1/changes/{id}/gate': { may: 'anyone' },
  'GET /api/v1/changes/{id}/verdict': { may: 'anyone' },
  'POST /api/v1/changes/{id}/verdict': { may: 'anyone' },
  'POST /api/v1/changes/{id}/amend': { may: 'send' },
  'POST /api/v1/changes/{id}/attach': { may: 'send' },
  'POST /api/v1/changes/{id}/submit': { may: 'send' },
  'POST /api/v1/changes/{id}/assess': { may: 'approve' },
  'POST /api/v1/changes/{id}/approve': { may: 'approve' },
  'POST /api/v1/changes/{id}/reject': { may: 'approve' },
  'POST /api/v1/changes/{id}/revert': { may: 'send' },
  'POST /api/v1/changes/{id}/start': { may: 'send' },
  'POST /api/v1/changes/{id}/complete': { may: 'send' },
  'POST /api/v1/changes/{id}/review': { may: 'approve' },
  'POST /api/v1/changes/{id}/cancel': { may: 'send' },
  'GET /api/v1/services': { may: 'read' },
  'GET /api/v1/services/{name}': { may: 'read', service: true },
  'GET /api/v1/services/{name}/record': { may: 'read', service: true },
  'POST /api/v1/services/{name}/record': { may: 'approve', service: true },
  'POST /api/v1/services/{name}/confirm': { may: 'approve', service: true },
  'GET /api/v1/services/{name}/dependencies': { may: 'read', service: true },
  'GET /api/v1/dependencies': { may: 'read' },
  'GET /api/v1/services/{name}/measures': { may: 'read', service: true },
  'GET /api/v1/services/{name}/interactions': { may: 'read', service: true },
  'GET /api/v1/interactions/{traceId}': { may: 'read' },
  'GET /api/v1/objectives': { may: 'read' },
  'GET /api/v1/objectives/{name}': { may: 'read' },
  'GET /api/v1/objectives/{name}/periods': { may: 'read' },
  'GET /api/v1/incidents': { may: 'read' },
  'GET /api/v1/incidents/statistics': { may: 'read' },
  'GET /api/v1/incidents/{id}': { may: 'read' },
  'POST /api/v1/incidents/{id}/{move}': { may: 'respond' },
  'GET /api/v1/changes/{id}/evidence': { may: 'read' },
  'GET /api/v1/problems': { may: 'read' },
  'GET /api/v1/problems/trend': { may: 'read' },
  'GET /api/v1/problems/{id}': { may: 'read' },
  'POST /api/v1/problems': { may: 'respond' },
  // Before the other moves: the first that fits is asked.
  'POST /api/v1/problems/{id}/close': { may: 'approve' },
  'POST /api/v1/problems/{id}/accept': { may: 'approve' },
  'POST /api/v1/problems/{id}/{move}': { may: 'respond' },
  'GET /api/v1/outbox': { may: 'read' },
  'POST /api/v1/outbox/{id}/replay': { may: 'respond' },
  'POST /api/v1/outbox/{id}/discard': { may: 'respond' },
  'GET /api/v1/destinations': { may: 'read' },
  'GET /api/v1/silences': { may: 'read' },
  'GET /api/v1/silences/{id}': { may: 'read' },
  'POST /api/v1/silences': { may: 'respond' },
  'DELETE /api/v1/silences/{id}': { may: 'respond' },
  'GET /api/v1/taxonomy': { may: 'read' },
  'POST /api/v1/hooks/{name}': { may: 'anybody' },
  'GET /api/v1/events': { may: 'read' },
  'GET /api/v1/explain': { may: 'read', ofAll: true },
  'GET /api/v1/history': { may: 'administer', ofAll: true },
  'POST /api/v1/history/rebuild': { may: 'administer', ofAll: true },
  'POST /api/v1/settle': { may: 'administer', ofAll: true },
  'POST /api/v1/store/move': { may: 'administer', ofAll: true },
  'GET /api/v1/session': { may: 'anybody' },
  'POST /api/v1/session': { may: 'anybody' },
  'POST /api/v1/session/end': { may: 'anyone' },
  'GET /sign-in/oidc': { may: 'anybody' },
  'GET /sign-in/callback': { may: 'anybody' },
  'GET /api/v1/audit': { may: 'audit', ofAll: true },
  'GET /api/v1/audit/heads': { may: 'audit', ofAll: true },
  'GET /api/v1/audit/keys': { may: 'audit', ofAll: true },
  'POST /api/v1/audit/exports': { may: 'audit', ofAll: true },
  'POST /api/v1/audit/rotate-key': { may: 'administer', ofAll: true },
  'POST /api/v1/audit/cut': { may: 'administer', ofAll: true },
  'GET /api/v1/tokens': { may: 'administer', ofAll: true },
  'POST /api/v1/tokens': { may: 'administer', ofAll: true },
  'POST /api/v1/tokens/{id}/revoke': { may: 'administer', ofAll: true },
};

const PATTERNS = Object.entries(ROUTE_ACCESS).map(([route, access]) => {
  const [method, path] = route.split(' ') as [string, string];
  const pattern = path.replaceAll('.', '\\.').replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)');
  return { method, pattern: new RegExp(`^${pattern}/?$`, 'i'), route, access };
});

export interface AskedRoute extends RouteAccess {
  readonly route: string;
  /** `{name}` as it was written in the address. */
  readonly name: string;
}

/** What the route of a request asks; null when none is there. HEAD is answered as GET is. */
export function accessAt(method: string, path: string): AskedRoute | null {
  const asked = method === 'HEAD' ? 'GET' : method;
  for (const one of PATTERNS) {
    const match = one.method === asked ? one.pattern.exec(path) : null;
    if (match !== null) return { ...one.access, route: one.route, name: match.groups?.['name'] ?? '' };
  }
  return null;
}
