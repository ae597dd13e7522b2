import { createHash } from 'node:crypto';
import type { Answer, Received } from './http-server.ts';

type Row = Record<string, string>;

const COLUMNS = new Set(
  [
    'sys_id,number,state,impact,urgency,priority,short_description,description,contact_type,category,subcategory',
    'assignment_group,correlation_id,correlation_display,work_notes,hold_reason,close_code,close_notes,sys_created_on',
    'sys_updated_on,sys_updated_by,sys_created_by,sys_mod_count,assigned_to.name,element_id,element,value',
    'approval,type,start_date,end_date,sysapproval,comments,approver.user_name,approver.name',
  ].flatMap((names) => names.split(',')),
);
const PRIORITIES = ['', '0123', '0234', '0345'];

const json = (status: number, body: unknown, headers: Record<string, string> = {}): Answer => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});
const failure = (status: number, message: string, detail: string, headers = {}): Answer =>
  json(status, { error: { message, detail }, status: 'failure' }, headers);

function holds(given: string, how: string, value: string): boolean {
  if (how === 'STARTSWITH') return given.startsWith(value);
  if (how === 'IN') return value.split(',').includes(given);
  return how === '>=' ? given >= value : given === value;
}

/**
 * The Table API and an import set, as unhelpful as the real ones: everything is a string, a condition that isn't understood
 * is left out of a query, priority is computed, values outside of a choice list are stored, unknown columns dropped, closing
 * without a code is refused by a data policy, and an import that failed is answered 201.
 */
export class ServiceNowModel {
  rows: Row[] = [];
  /** Work notes by sys_id, oldest first. */
  readonly notes = new Map<string, string[]>();
  /** How many more requests it takes in this hour. */
  left = Number.POSITIVE_INFINITY;
  /** When the next hour begins, s since 1970. */
  resetAt = 0;
  /** How many searches for a record do not show it yet. */
  lag = 0;
  /** Columns that an administrator removed from the table. */
  readonly removed = new Set<string>();
  /** Groups that it has, by sys_id. A record takes any other one as well. */
  readonly groups = new Set<string>();
  /** The transform map fails. */
  breaksImports = false;
  /** Its clock, ms. */
  clock: () => number = () => 0;
  /** Entries of journal fields, oldest first. */
  journal: Row[] = [];
  /** Records of `change_request`, and of `sysapproval_approver`: who has decided. */
  changes: Row[] = [];
  approvers: Row[] = [];
  /** An ACL keeps who has decided from the user. */
  hidesApprovers = false;
  /** Who is at it: people do it by hand. */
  #user = 'plimsoll';
  #hidden = new Map<string, number>();
  #made = 0;
  #asked: string[] | null = null;

  reset(): void {
    this.rows = [];
    this.journal = [];
    this.changes = [];
    this.approvers = [];
    this.notes.clear();
    this.#hidden.clear();
    this.#made = 0;
  }

  readonly answer = ({ method, path, headers, body }: Received): Answer => {
    if (!/^(Basic|Bearer) \S+$/.test(headers['authorization'] ?? ''))
      return failure(401, 'User Not Authenticated', 'Required to provide Auth information');
    if (this.left-- <= 0)
      return failure(429, 'Rate limit exceeded', 'Rejected by a rule', {
        'x-ratelimit-limit': '100',
        'x-ratelimit-reset': `${this.resetAt}`,
        'x-ratelimit-rule': 'incident',
      });
    const url = new URL(path, 'https://dev.service-now.example');
    const [, , , kind, table, id] = url.pathname.split('/');
    this.#asked = url.searchParams.get('sysparm_fields')?.split(',') ?? null;
    if (kind === 'import') return this.#import(table!, JSON.parse(body));
    if (table === 'sys_journal_field') return this.#listOf(this.journal, url.searchParams);
    if (table === 'sys_user_group')
      return this.groups.has(id!)
        ? json(200, { result: { sys_id: id } })
        : failure(404, 'No Record found', "Record doesn't exist or ACL restricts the record retrieval");
    if (table === 'change_request') return this.#listOf(this.changes, url.searchParams);
    if (table === 'sysapproval_approver')
      return this.hidesApprovers
        ? failure(403, 'User Not Authorized', 'Failed API level ACL Validation')
        : this.#listOf(this.approvers, url.searchParams);
    if (table !== 'incident') return failure(400, `Invalid table ${table}`, '');
    if (method === 'POST') return this.#insert(JSON.parse(body), 201);
    if (id === undefined) return this.#listOf(this.rows, url.searchParams);
    const row = this.rows.find(({ sys_id }) => sys_id === id);
    if (row === undefined)
      return failure(404, 'No Record found', "Record doesn't exist or ACL restricts the record retrieval");
    return method === 'PATCH' ? this.#update(row, JSON.parse(body), 200) : json(200, { result: this.#shown(row) });
  };

  /** All columns, or those that were asked for. */
  #shown(row: Row): Row {
    return Object.fromEntries(Object.entries(row).filter(([column]) => this.#asked?.includes(column) ?? true));
  }

  /** As somebody does it there. */
  byHand(user: string, id: string, fields: Row): void {
    const row = this.rows.find(({ sys_id }) => sys_id === id)!;
    this.#user = user;
    this.#update(row, fields, 200);
    this.#user = 'plimsoll';
  }

  /** People work on a change over there: it is made, or goes on. */
  changeByHand(number: string, fields: Row): void {
    const known = this.changes.find((row) => row['number'] === number);
    const id = createHash('md5').update(number).digest('hex');
    const row = known ?? {
      sys_id: id,
      number,
      state: '-5',
      approval: 'not requested',
      type: 'normal',
      sys_mod_count: '-1',
    };
    if (known === undefined) this.changes.push(row);
    Object.assign(row, fields, { sys_updated_on: this.#now(), sys_mod_count: `${Number(row['sys_mod_count']) + 1}` });
  }

  /** Somebody decides; that the change as a whole is decided is another thing, and takes a workflow. */
  decide(number: string, user: string, name: string, state: 'approved' | 'rejected', comments = ''): void {
    const change = this.changes.find((row) => row['number'] === number)!;
    this.approvers.push({
      sys_id: `a${this.approvers.length}`,
      sysapproval: change['sys_id']!,
      state,
      comments,
      sys_updated_on: this.#now(),
      'approver.user_name': user,
      'approver.name': name,
    });
  }

  #now(): string {
    return new Date(this.clock()).toISOString().slice(0, 19).replace('T', ' ');
  }

  #listOf(rows: readonly Row[], query: URLSearchParams): Answer {
    const text = query.get('sysparm_query') ?? '';
    const conditions: (readonly [column: string, how: string, value: string])[][] = [];
    for (const condition of text.split('^').filter((one) => !one.startsWith('ORDERBY'))) {
      const isOr = condition.startsWith('OR');
      const [, column, how, value] = /^([a-z_]+)(=|>=|STARTSWITH|IN)(.*)$/.exec(condition.slice(isOr ? 2 : 0)) ?? [];
      if (column === undefined || !COLUMNS.has(column) || this.removed.has(column)) continue;
      const one = [column, how!, value!] as const;
      if (isOr && conditions.length > 0) conditions.at(-1)!.push(one);
      else conditions.push([one]);
    }
    const found = rows.filter(
      (row) =>
        conditions.every((some) => some.some(([column, how, value]) => holds(row[column] ?? '', how, value))) &&
        !this.#isHidden(row['sys_id']!),
    );
    const sorted = text.includes('ORDERBYsys_updated_on')
      ? found.toSorted((a, b) => (a['sys_updated_on']! < b['sys_updated_on']! ? -1 : 1))
      : found;
    const from = Number(query.get('sysparm_offset') ?? 0);
    const page = sorted.slice(from, from + Number(query.get('sysparm_limit') ?? 10_000));
    return json(200, { result: page.map((row) => this.#shown(row)) });
  }

  #isHidden(id: string): boolean {
    const searches = this.#hidden.get(id) ?? 0;
    this.#hidden.set(id, searches - 1);
    return searches > 0;
  }

  #insert(fields: unknown, status: number): Answer {
    const id = createHash('md5')
      .update(`${++this.#made}`)
      .digest('hex');
    this.rows.push({
      sys_id: id,
      number: `INC00${this.#made}`,
      state: '1',
      correlation_id: '',
      correlation_display: '',
      sys_created_by: this.#user,
      sys_mod_count: '-1',
    });
    this.#hidden.set(id, this.lag);
    const answer = this.#update(this.rows.at(-1)!, fields, status);
    if (answer.status >= 400) this.rows.pop();
    return answer;
  }

  #update(row: Row, fields: unknown, status: number): Answer {
    const next = { ...row };
    for (const [column, value] of Object.entries(fields as Record<string, unknown>)) {
      if (typeof value !== 'string') return failure(400, 'Exception while reading request', 'expected a string');
      if (COLUMNS.has(column) && !this.removed.has(column)) next[column] = value;
    }
    if (['6', '7'].includes(next['state']!) && !(next['close_code'] && next['close_notes']))
      return failure(
        403,
        'Operation Failed',
        'Data Policy Exception: The following fields are mandatory: close_code, close_notes',
      );
    if ((next['short_description'] ?? '').length > 160)
      next['short_description'] = next['short_description']!.slice(0, 160);
    const { work_notes: note, ...kept } = next;
    const now = this.#now();
    if (note !== undefined) {
      this.notes.set(row['sys_id']!, [...(this.notes.get(row['sys_id']!) ?? []), note]);
      this.journal.push({
        sys_id: `j${this.journal.length}`,
        element_id: row['sys_id']!,
        element: 'work_notes',
        value: note,
        sys_created_on: now,
        sys_created_by: this.#user,
      });
    }
    Object.assign(kept, {
      sys_updated_on: now,
      sys_updated_by: this.#user,
      sys_mod_count: `${Number(row['sys_mod_count'] ?? -1) + 1}`,
    });
    const sum = PRIORITIES[Number(kept['impact'] ?? 3)]?.[Number(kept['urgency'] ?? 3)] ?? '5';
    Object.assign(row, kept, { priority: sum });
    return json(status, { result: this.#shown(row) });
  }

  #import(table: string, fields: Record<string, string>): Answer {
    const said = (result: object): Answer =>
      json(201, {
        import_set: 'ISET0010001',
        staging_table: table,
        result: [{ transform_map: 'Plimsoll', table: 'incident', ...result }],
      });
    if (this.breaksImports) return said({ status: 'error', error_message: 'RESPONSE-SECRET-2' });
    const filled = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== ''));
    const known = this.rows.find(({ correlation_id }) => correlation_id === fields['correlation_id']);
    const answer = known === undefined ? this.#insert(filled, 200) : this.#update(known, filled, 200);
    if (answer.status >= 400) return said({ status: 'error', error_message: 'Data Policy Exception' });
    const { sys_id } = JSON.parse(answer.body!).result;
    return said({ status: known === undefined ? 'inserted' : 'updated', sys_id });
  }
}
