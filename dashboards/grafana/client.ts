/** What is said of a request that Grafana did not do. */
export class GrafanaFailure extends Error {
  /** Null: it did not answer. */
  readonly status: number | null;

  constructor(what: string, status: number | null) {
    super(what);
    this.status = status;
  }
}

export interface DataSource {
  readonly uid: string;
  readonly name: string;
  readonly type: string;
  readonly isDefault: boolean;
}

/** A column of an answer; its values stand in the frame. */
export interface Frame {
  readonly schema?: { readonly fields?: readonly { readonly name?: string; readonly type?: string }[] };
  readonly data?: { readonly values?: readonly (readonly unknown[])[] };
}

export interface QueryResult {
  readonly status?: number;
  readonly error?: string;
  readonly frames?: readonly Frame[];
}

export interface Credentials {
  readonly token?: string | undefined;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
}

const TIMEOUT_MS = 30_000;

/** Grafana's HTTP API, as far as dashboards are brought in by it and asked. @see https://grafana.com/docs/grafana/latest/developers/http_api/ */
export class Grafana {
  readonly #url: string;
  readonly #authorization: string;

  /** @throws RangeError without a token, or a user and a password */
  constructor(url: string, { token, user, password }: Credentials) {
    this.#url = url.replace(/\/+$/, '');
    if (token) this.#authorization = `Bearer ${token}`;
    else if (user && password) this.#authorization = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
    else throw new RangeError('who is asking? Set GRAFANA_TOKEN, or GRAFANA_USER and GRAFANA_PASSWORD');
  }

  dataSources(): Promise<readonly DataSource[]> {
    return this.#ask('GET', '/api/datasources');
  }

  /** @returns null, or what Grafana says is wrong with it */
  async unhealthy(uid: string): Promise<string | null> {
    try {
      const { status, message } = await this.#ask<{ status?: string; message?: string }>(
        'GET',
        `/api/datasources/uid/${encodeURIComponent(uid)}/health`,
      );
      return status === 'OK' ? null : (message ?? `status ${status}`);
    } catch (error) {
      return (error as Error).message;
    }
  }

  /** Makes a folder, unless it is there. */
  async folder(uid: string, title: string): Promise<void> {
    try {
      await this.#ask('GET', `/api/folders/${uid}`);
    } catch (error) {
      if (!(error instanceof GrafanaFailure) || error.status !== 404) throw error;
      await this.#ask('POST', '/api/folders', { uid, title });
    }
  }

  /** In place of the one that is there. */
  async save(dashboard: { readonly uid?: string | undefined }, folderUid: string): Promise<void> {
    const { uid } = await this.#ask<{ uid?: string }>('POST', '/api/dashboards/db', {
      dashboard: { ...dashboard, id: null },
      folderUid,
      overwrite: true,
      message: 'npm run dashboards:grafana',
    });
    if (uid !== dashboard.uid) throw new GrafanaFailure(`it was saved as ${uid}, not as ${dashboard.uid}`, null);
    await this.#ask('GET', `/api/dashboards/uid/${uid}`);
  }

  /** Values of a label, of the series that a selector matches. */
  async labelValues(prometheus: string, label: string, selector: string): Promise<readonly string[]> {
    const path = `/api/datasources/uid/${encodeURIComponent(prometheus)}/resources/api/v1/label/${label}/values`;
    const { data } = await this.#ask<{ data: readonly string[] }>(
      'GET',
      `${path}?${new URLSearchParams({ 'match[]': selector })}`,
    );
    return data;
  }

  /** @param query  with its data source and refId */
  async query(
    query: { readonly refId: string } & Readonly<Record<string, unknown>>,
    from: string,
  ): Promise<QueryResult> {
    const body = { queries: [{ intervalMs: 60_000, maxDataPoints: 500, ...query }], from, to: 'now' };
    const { results } = await this.#ask<{ results?: Readonly<Record<string, QueryResult>> }>(
      'POST',
      '/api/ds/query',
      body,
    );
    return results?.[query.refId] ?? { error: 'it gave no answer' };
  }

  async #ask<T>(method: string, path: string, body?: object): Promise<T> {
    let answer: Response;
    try {
      answer = await fetch(this.#url + path, {
        method,
        headers: {
          authorization: this.#authorization,
          accept: 'application/json',
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
        redirect: 'error',
      });
    } catch (error) {
      const cause = ((error as Error).cause as Error | undefined)?.message ?? (error as Error).message;
      throw new GrafanaFailure(`${method} ${path}: no answer (${cause})`, null);
    }
    const text = await answer.text();
    // A query that failed is answered with 400, and says so of each.
    if (!answer.ok && !(path === '/api/ds/query' && text.includes('"results"')))
      throw new GrafanaFailure(`${method} ${path}: ${answer.status} ${text.slice(0, 300)}`, answer.status);
    return JSON.parse(text) as T;
  }
}
