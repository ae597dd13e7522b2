import type { Answer, Received } from './http-server.ts';

type Status = 'Open' | 'Working' | 'Waiting' | 'Closed';
const CATEGORY: Readonly<Record<Status, string>> = {
  Open: 'new',
  Working: 'indeterminate',
  Waiting: 'indeterminate',
  Closed: 'done',
};

export interface JiraIssue {
  readonly key: string;
  fields: Record<string, unknown>;
  status: Status;
  readonly properties: { key: string; value: unknown }[];
  readonly comments: { body: unknown; properties: { key: string; value: unknown }[] }[];
}

const json = (status: number, body: unknown): Answer => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});
const refused = (errors: Record<string, string>): Answer => json(400, { errorMessages: [], errors });
const NOTHING: Answer = { status: 204 };
const MISSING = json(404, {
  errorMessages: ['Issue does not exist or you do not have permission to see it.'],
  errors: {},
});

/** What Jira Cloud's editor takes: a document of blocks with text in them, none of it empty. */
function isDocument(value: unknown): boolean {
  const { type, version, content } = (value ?? {}) as { type?: string; version?: number; content?: unknown };
  return type === 'doc' && version === 1 && Array.isArray(content) && content.every(isNode);
}
function isNode(value: unknown): boolean {
  const { type, text, content } = value as { type?: string; text?: string; content?: unknown[] };
  if (type === 'text') return typeof text === 'string' && text !== '';
  if (type === 'hardBreak') return true;
  return type === 'paragraph' && Array.isArray(content) && content.every(isNode);
}

/**
 * Jira Cloud, REST API 3: text is ADF and nothing else, transitions have ids of this workflow and lead only where it says,
 * the search shows what was written some searches ago, and the old search is gone.
 */
export class JiraModel {
  issues: JiraIssue[] = [];
  /** How many searches for an issue do not show it yet. */
  lag = 0;
  /** The screen has no place for a priority. */
  hidesPriority = false;
  /** What the workflow allows. */
  workflow: Record<Status, Status[]> = {
    Open: ['Working', 'Closed'],
    Working: ['Waiting', 'Closed'],
    Waiting: ['Working', 'Closed'],
    Closed: ['Working'],
  };
  /** Transitions to `Closed` ask for a resolution. */
  asksForResolution = false;
  #made = 0;
  readonly #hidden = new Map<string, number>();

  reset(): void {
    this.issues = [];
    this.#made = 0;
    this.#hidden.clear();
  }

  readonly answer = ({ method, path, headers, body }: Received): Answer => {
    if (!/^(Basic|Bearer) \S+$/.test(headers['authorization'] ?? '')) return json(401, {});
    const url = new URL(path, 'https://example.atlassian.net');
    const [what, key, part] = url.pathname.replace('/rest/api/3/', '').split('/');
    if (what === 'search') return key === 'jql' ? this.#search(url) : { status: 410 };
    if (what !== 'issue') return { status: 404 };
    const input = body === '' ? {} : JSON.parse(body);
    if (key === undefined) return this.#create(input);
    const issue = this.issues.find((one) => one.key === key);
    if (issue === undefined) return MISSING;
    if (part === 'transitions') return method === 'GET' ? this.#transitions(issue) : this.#take(issue, input);
    if (part === 'comment')
      return method === 'GET' ? json(200, { comments: issue.comments.toReversed() }) : this.#comment(issue, input);
    if (method === 'PUT') return this.#edit(issue, input.fields);
    return json(200, this.#shown(issue, url));
  };

  #shown({ key, fields, status }: JiraIssue, url: URL): unknown {
    const asked = url.searchParams.get('fields')?.split(',') ?? [];
    const all: Record<string, unknown> = {
      ...fields,
      status: { name: status, statusCategory: { key: CATEGORY[status] } },
    };
    return { id: key, key, fields: Object.fromEntries(asked.map((name) => [name, all[name]])) };
  }

  #search(url: URL): Answer {
    const label = /^labels = "([^"\\]+)"/.exec(url.searchParams.get('jql') ?? '')?.[1];
    const found = this.issues.filter(({ key, fields }) => {
      if (!(fields['labels'] as string[]).includes(label ?? '')) return false;
      const searches = this.#hidden.get(key) ?? 0;
      this.#hidden.set(key, searches - 1);
      return searches <= 0;
    });
    return json(200, { issues: found.map((issue) => this.#shown(issue, url)) });
  }

  #create({
    fields,
    properties = [],
  }: {
    fields: Record<string, unknown>;
    properties?: JiraIssue['properties'];
  }): Answer {
    const { summary, description, labels, priority } = fields as Record<string, never> & {
      summary: string;
      labels: string[];
    };
    if (typeof summary !== 'string' || summary === '' || summary.length > 255 || summary.includes('\n'))
      return refused({ summary: 'The summary is invalid' });
    if (!isDocument(description)) return refused({ description: 'Operation value must be an Atlassian Document' });
    if (labels.some((label) => /\s/.test(label))) return refused({ labels: 'The label contains spaces' });
    if (this.hidesPriority && priority !== undefined) return refused({ priority: "Field 'priority' cannot be set" });
    const key = `OPS-${++this.#made}`;
    this.issues.push({ key, fields, status: 'Open', properties, comments: [] });
    this.#hidden.set(key, this.lag);
    return json(201, {
      id: `${10_000 + this.#made}`,
      key,
      self: `https://example.atlassian.net/rest/api/3/issue/${key}`,
    });
  }

  #edit(issue: JiraIssue, fields: Record<string, unknown>): Answer {
    if (this.hidesPriority && 'priority' in fields) return refused({ priority: "Field 'priority' cannot be set" });
    Object.assign(issue.fields, fields);
    return NOTHING;
  }

  #transitions({ status }: JiraIssue): Answer {
    const transitions = this.workflow[status].map((to) => ({
      id: this.#idOf(to),
      name: to,
      to: { name: to, statusCategory: { key: CATEGORY[to] } },
      isAvailable: true,
      fields:
        to === 'Closed' && this.asksForResolution
          ? { resolution: { required: true, hasDefaultValue: false, allowedValues: [{ id: '7', name: 'Done' }] } }
          : {},
    }));
    return json(200, { transitions });
  }

  #take(
    issue: JiraIssue,
    { transition, fields }: { transition: { id: string }; fields?: { resolution?: unknown } },
  ): Answer {
    const to = this.workflow[issue.status].find((status) => this.#idOf(status) === transition.id);
    if (to === undefined)
      return json(400, { errorMessages: ['It is not on the appropriate workflow step'], errors: {} });
    if (to === 'Closed' && this.asksForResolution && fields?.resolution === undefined)
      return refused({ resolution: 'required' });
    issue.status = to;
    return NOTHING;
  }

  #comment(issue: JiraIssue, { body, properties }: JiraIssue['comments'][number]): Answer {
    if (!isDocument(body)) return refused({ comment: 'Comment body is not valid!' });
    issue.comments.push({ body, properties });
    return json(201, { id: '1' });
  }

  #idOf = (status: Status): string => `${31 + Object.keys(CATEGORY).indexOf(status) * 10}`;
}
