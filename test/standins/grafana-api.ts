import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Query {
  readonly refId: string;
  readonly expr?: string;
  readonly query?: string;
  readonly datasource: { readonly uid: string; readonly type: string };
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

/** Answers as the HTTP API of Grafana does, of what dashboards are brought in by. */
export class GrafanaStandIn {
  readonly dashboards = new Map<string, Record<string, unknown>>();
  readonly folders = new Set<string>();
  readonly queries: Query[] = [];
  dataSources = [
    { uid: 'abc', name: 'Prometheus', type: 'prometheus', isDefault: true },
    { uid: 'other', name: 'Another one', type: 'prometheus', isDefault: false },
    { uid: 'def', name: 'History', type: 'influxdb', isDefault: false },
  ];
  unhealthy = new Set<string>();
  /** What it is to say of a query; undefined: numbers. */
  answerTo: (query: Query) => { error?: string; frames?: object[] } | undefined = () => undefined;
  readonly #authorization: string;
  #server!: Server;

  constructor(authorization: string) {
    this.#authorization = authorization;
  }

  async start(): Promise<void> {
    this.#server = createServer(async (request, response) => {
      const { status, body } = this.#answer(request, await read(request));
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async end(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(request: IncomingMessage, text: string): Answer {
    if (request.headers.authorization !== this.#authorization)
      return { status: 401, body: { message: 'Invalid API key' } };
    const { pathname, searchParams } = new URL(request.url!, 'http://x');
    const asked = `${request.method} ${pathname}`;
    const of = (pattern: RegExp): string | undefined => pattern.exec(asked)?.[1];
    const body = text === '' ? {} : JSON.parse(text);
    if (asked === 'GET /api/datasources') return { status: 200, body: this.dataSources };
    const health = of(/^GET \/api\/datasources\/uid\/(\w+)\/health$/);
    if (health !== undefined)
      return this.unhealthy.has(health)
        ? { status: 400, body: { status: 'ERROR', message: 'connection refused' } }
        : { status: 200, body: { status: 'OK', message: 'Successfully queried the Prometheus API.' } };
    const folder = of(/^GET \/api\/folders\/(\w+)$/);
    if (folder !== undefined)
      return this.folders.has(folder)
        ? { status: 200, body: { uid: folder } }
        : { status: 404, body: { message: 'folder not found' } };
    if (asked === 'POST /api/folders') {
      this.folders.add(body.uid);
      return { status: 200, body: { uid: body.uid } };
    }
    if (asked === 'POST /api/dashboards/db') return this.#save(body);
    const dashboard = of(/^GET \/api\/dashboards\/uid\/([\w-]+)$/);
    if (dashboard !== undefined)
      return this.dashboards.has(dashboard)
        ? { status: 200, body: { dashboard: this.dashboards.get(dashboard) } }
        : { status: 404, body: { message: 'Dashboard not found' } };
    const label = of(/^GET \/api\/datasources\/uid\/abc\/resources\/api\/v1\/label\/(\w+)\/values$/);
    if (label !== undefined && searchParams.get('match[]')?.startsWith('plimsoll_'))
      return { status: 200, body: { status: 'success', data: [`one ${label}`, `two ${label}`] } };
    if (asked === 'POST /api/ds/query') return this.#query(body);
    return { status: 404, body: { message: 'Not found' } };
  }

  #save({
    dashboard,
    folderUid,
    overwrite,
  }: {
    dashboard: { uid: string; id: null };
    folderUid: string;
    overwrite: boolean;
  }): Answer {
    if (!this.folders.has(folderUid)) return { status: 400, body: { message: 'folder not found' } };
    if (dashboard.id !== null) return { status: 404, body: { message: 'Dashboard not found' } };
    if (this.dashboards.has(dashboard.uid) && !overwrite)
      return { status: 412, body: { status: 'version-mismatch', message: 'The dashboard has been changed' } };
    this.dashboards.set(dashboard.uid, dashboard as unknown as Record<string, unknown>);
    return { status: 200, body: { status: 'success', uid: dashboard.uid, version: 1 } };
  }

  #query({ queries: [query], from, to }: { queries: Query[]; from?: string; to?: string }): Answer {
    if (query === undefined || from === undefined || to === undefined)
      return { status: 400, body: { message: 'no queries, or no time' } };
    const { uid, type } = query.datasource;
    if (!this.dataSources.some((one) => one.uid === uid && one.type === type))
      return { status: 404, body: { message: 'data source not found' } };
    this.queries.push(query);
    const frames = [{ schema: { fields: [{ name: 'Time' }, { name: 'Value' }] }, data: { values: [[1], [2]] } }];
    const answer = query.query?.startsWith('SHOW TAG VALUES')
      ? {
          frames: [
            {
              data: {
                values: [
                  ['measure', 'measure'],
                  ['availability', 'latency:3s'],
                ],
              },
            },
          ],
        }
      : this.answerTo(query);
    const result = { status: answer?.error === undefined ? 200 : 400, frames, ...answer };
    return { status: result.status, body: { results: { [query.refId]: result } } };
  }
}

async function read(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}
