import type { Answer, Received } from './http-server.ts';

export interface ITopIncident {
  readonly id: number;
  fields: Record<string, unknown>;
  status: string;
  priority: string;
  readonly log: string[];
  /** Of the notes in its log: who wrote them. */
  readonly authors: string[];
  updated: number;
}

interface Operation {
  readonly operation: string;
  readonly class?: string;
  readonly key?: unknown;
  readonly stimulus?: string;
  readonly fields?: Record<string, unknown>;
  readonly output_fields?: string;
}

/** What each stimulus starts from, leads to, and asks for. */
const LIFE: Readonly<Record<string, { from: string[]; to: string; needs: string[] }>> = {
  ev_assign: { from: ['new', 'escalated_tto', 'pending'], to: 'assigned', needs: ['team_id', 'agent_id'] },
  ev_reassign: { from: ['assigned', 'escalated_ttr'], to: 'assigned', needs: [] },
  ev_pending: { from: ['assigned', 'escalated_ttr'], to: 'pending', needs: ['pending_reason'] },
  ev_resolve: { from: ['assigned', 'escalated_ttr'], to: 'resolved', needs: ['resolution_code', 'solution'] },
  ev_close: { from: ['resolved'], to: 'closed', needs: [] },
  ev_reopen: { from: ['resolved'], to: 'assigned', needs: [] },
};
const PRIORITY = ['1124', '1234', '2334'];

const say = (code: number, message = '', objects: object | null = null): Answer => ({
  status: 200,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ code, message, objects }),
});

const nameOf = (agent: unknown): string =>
  typeof agent === 'object' && agent !== null
    ? String(Object.values(agent)[0])
    : agent === undefined
      ? ''
      : String(agent);

/** iTop's web services: always HTTP 200; a stimulus that isn't legal here, or a field that is missing, is code 100; priority is computed. */
export class ITopModel {
  tickets: ITopIncident[] = [];
  /** The next operations fail with code 100; those that are `after` have been carried out all the same. */
  faults: ('before' | 'after')[] = [];
  password = 'ITOP-PASSWORD-5';
  #made = 0;
  #changes = 0;

  /** As somebody does it there. */
  byHand(user: string, id: number, what: { stimulus?: string; fields?: Record<string, unknown>; note?: string }): void {
    const ticket = this.tickets.find((one) => one.id === id)!;
    const { stimulus, fields = {}, note } = what;
    if (stimulus !== undefined) this.#stimulate(ticket, { operation: 'core/apply_stimulus', stimulus, fields });
    else this.#update(ticket, { operation: 'core/update', fields });
    if (note === undefined) return;
    ticket.log.push(note);
    ticket.authors.push(user);
  }

  reset(): void {
    this.tickets = [];
    this.faults = [];
    this.#made = 0;
  }

  readonly answer = ({ path, body }: Received): Answer => {
    if (!path.startsWith('/webservices/rest.php')) return { status: 404 };
    if (!/[?&]version=1\.3\b/.test(path)) return say(2, 'Missing version');
    const form = new URLSearchParams(body);
    if (form.get('auth_user') === null) return say(5, 'Missing parameter auth_user');
    if (form.get('auth_pwd') !== this.password) return say(1, 'Invalid login');
    let operation: Operation;
    try {
      operation = JSON.parse(form.get('json_data') ?? '');
    } catch {
      return say(4, 'Invalid json');
    }
    const fault = this.faults.shift();
    if (fault === 'before') return say(100, 'Error: RESPONSE-SECRET-2');
    const answer = this.#do(operation);
    return fault === 'after' ? say(100, 'Error: RESPONSE-SECRET-2') : answer;
  };

  #do(operation: Operation): Answer {
    if (operation.class !== 'Incident') return say(100, 'unknown class');
    if (operation.operation === 'core/create') return this.#create(operation);
    if (operation.operation === 'core/get') return this.#shown(this.#found(operation.key), operation);
    const [ticket] = this.#found(operation.key);
    if (ticket === undefined) return say(100, 'Error: No item found');
    if (operation.operation === 'core/update') return this.#update(ticket, operation);
    if (operation.operation === 'core/apply_stimulus') return this.#stimulate(ticket, operation);
    return say(11, 'Unknown operation');
  }

  #found(key: unknown): ITopIncident[] {
    const ids = /WHERE id IN \(([\d,]+)\)$/.exec(String(key))?.[1]?.split(',');
    if (ids !== undefined) return this.tickets.filter(({ id }) => ids.includes(String(id)));
    const like = /LIKE '%(.*)%'$/.exec(String(key))?.[1];
    return this.tickets.filter(({ id, fields }) =>
      like === undefined ? String(id) === String(key) : String(fields['description']).includes(like),
    );
  }

  #create(operation: Operation): Answer {
    const { fields = {} } = operation;
    for (const needed of ['org_id', 'caller_id', 'title', 'description'])
      if (!fields[needed]) return say(100, `Error: ${needed}: missing`);
    if (/<(?!br>)/.test(String(fields['description']))) return say(100, 'Error: the sanitizer has found something');
    const ticket: ITopIncident = {
      id: ++this.#made,
      fields: {},
      status: 'new',
      priority: '',
      log: [],
      authors: [],
      updated: 0,
    };
    this.tickets.push(ticket);
    return this.#update(ticket, operation);
  }

  #update(ticket: ITopIncident, operation: Operation): Answer {
    if (ticket.status === 'closed') return say(100, 'Error: read-only');
    const { private_log: log, ...fields } = operation.fields ?? {};
    ticket.updated = ++this.#changes;
    if (log !== undefined) {
      ticket.log.push((log as { add_item: { message: string } }).add_item.message);
      ticket.authors.push('plimsoll');
    }
    Object.assign(ticket.fields, fields);
    ticket.priority = PRIORITY[Number(ticket.fields['impact']) - 1]?.[Number(ticket.fields['urgency']) - 1] ?? '4';
    return this.#shown([ticket], operation);
  }

  #stimulate(ticket: ITopIncident, operation: Operation): Answer {
    const step = LIFE[operation.stimulus ?? ''];
    if (step === undefined || !step.from.includes(ticket.status)) return say(100, 'Error: Invalid stimulus');
    if (step.needs.some((field) => !operation.fields?.[field])) return say(100, 'Error: missing mandatory attribute');
    Object.assign(ticket.fields, operation.fields);
    ticket.updated = ++this.#changes;
    ticket.status = step.to;
    return this.#shown([ticket], operation);
  }

  #shown(tickets: readonly ITopIncident[], { output_fields = '' }: Operation): Answer {
    if (tickets.length === 0) return say(0, 'Found: 0');
    const objects = tickets.map((ticket) => {
      const log = {
        entries: ticket.log.map((message, i) => ({
          date: `2026-11-01 10:00:${String(i).padStart(2, '0')}`,
          user_login: ticket.authors[i],
          message: '',
          message_html: message,
        })),
      };
      const all: Record<string, unknown> = {
        ...ticket.fields,
        id: `${ticket.id}`,
        status: ticket.status,
        private_log: log,
        last_update: `${ticket.updated}`,
        agent_id_friendlyname: nameOf(ticket.fields['agent_id']),
      };
      const fields = Object.fromEntries(output_fields.split(',').map((name) => [name, all[name]]));
      return [`Incident::${ticket.id}`, { code: 0, message: '', class: 'Incident', key: `${ticket.id}`, fields }];
    });
    return say(0, `Found: ${objects.length}`, Object.fromEntries(objects));
  }
}
