/** A step and the way back from it, both with the data that is there. */
export interface Migration {
  readonly up: string;
  /** Undoes it: what a build that does not know the step can work on. None: there is no way back. */
  readonly down?: string;
  /**
   * Tables of the step that hold what cannot be made again: they are kept aside on the way back, as they are, and put back
   * by the way forward. `down` need not drop them.
   */
  readonly parks?: readonly string[];
}

/**
 * The tables, as steps from an empty file; `pragma user_version` counts the steps taken. A step that has been released is
 * never changed: a new one follows it, with a way back where its data allow one (src/store/sqlite/migrations.ts).
 *
 * Keys that begin with time grow at their end: the B-tree is appended to, not torn apart by random ids.
 */
export const MIGRATIONS: readonly (string | Migration)[] = [
  `
  create table dictionary (code integer primary key, text text not null);

  -- One row per AI span: the packed span and what it was judged to be (src/store/judged.ts).
  create table span (
    end integer not null,      -- tenths of a second since 1970
    trace blob not null,
    span blob not null,
    data blob not null,
    primary key (end, trace, span)
  ) without rowid;

  -- Spans of no AI dialect: they decide the grouping of a trace, and are kept for two hours.
  create table link (
    end integer not null,
    trace blob not null,
    span blob not null,
    data blob not null,
    primary key (end, trace, span)
  ) without rowid;

  -- Where the rows of a trace, a response or a conversation are: sorted runs of (hash, tenths), src/store/sqlite/pointers.ts.
  create table pointer_run (
    run integer primary key,
    level integer not null,
    base integer not null,       -- tenths that an entry's offset is added to
    latest integer not null,     -- the newest tenths in the run
    entries integer not null
  );
  create table pointer_chunk (
    run integer not null,
    first integer not null,      -- the smallest hash in the chunk
    chunk integer not null,
    data blob not null,
    primary key (run, first, chunk)
  ) without rowid;

  -- Feedback, evaluations and labels, each as it came; \`active\` is the one that counts of an identity.
  create table rating (
    id integer primary key,
    identity text not null,
    active integer not null,
    type text not null,
    kind text,                   -- feedback: its kind
    code integer,                -- evaluation, label: its code
    value text not null,         -- JSON of the value (feedback, label) or the raw score
    detail text,                 -- JSON of what is shown beside it (confidence, label text)
    at integer not null,         -- ms
    commit_minute integer not null,
    trace blob,
    span blob,
    response blob,
    conversation text,
    service text,
    -- the interaction it was joined to: the key of its anchor row; null while it waits
    owner_end integer,
    owner_trace blob,
    owner_span blob,
    event_minute integer,
    label_minute integer
  );
  create index rating_identity on rating (identity) where active = 1;
  create index rating_owner on rating (owner_trace) where owner_trace is not null;
  create index rating_event on rating (event_minute) where event_minute is not null;
  create index rating_label on rating (label_minute) where label_minute is not null;
  create index rating_conversation on rating (conversation) where trace is null and response is null and active = 1;
  create index rating_waiting on rating (at) where owner_trace is null;

  create table slice_value (
    service integer not null,
    dimension integer not null,
    value integer not null,
    ordinal integer not null,
    first_minute integer not null,
    primary key (service, dimension, value)
  ) without rowid;

  -- What calls depend on: (provider, model) of a model call, (kind, name) of any other.
  create table dependency (code integer primary key, kind text not null, provider integer not null, name integer not null);

  create table tally (
    clock integer not null, minute integer not null, service integer not null, dimension integer not null,
    value integer not null, data blob not null,
    primary key (clock, minute, service, dimension, value)
  ) without rowid;
  create table tally_hour (
    clock integer not null, hour integer not null, service integer not null, dimension integer not null,
    value integer not null, data blob not null,
    primary key (clock, hour, service, dimension, value)
  ) without rowid;
  create table tally_day (
    clock integer not null, day integer not null, service integer not null, dimension integer not null,
    value integer not null, data blob not null,
    primary key (clock, day, service, dimension, value)
  ) without rowid;

  -- Minutes whose tallies lie in memory only: folded again from the rows after a crash. Clock 2: minutes of links.
  create table unsettled (clock integer not null, minute integer not null, primary key (clock, minute)) without rowid;
  -- Minutes to be folded again because what is counted has changed.
  create table refold (clock integer not null, minute integer not null, primary key (clock, minute)) without rowid;
  -- Minutes of a service that changed since they were judged; \`settlement\` tells a mark from its successor.
  create table unjudged (
    clock integer not null, minute integer not null, service integer not null, settlement integer not null,
    primary key (clock, minute, service)
  ) without rowid;

  -- Objectives that are judged: \`fingerprint\` is what the detectors were made from, \`since\` the minute before the first one judged.
  create table objective_state (objective text primary key, fingerprint text not null, since integer not null) without rowid;
  create table checkpoint (
    objective text not null, minute integer not null, state blob not null, primary key (objective, minute)
  ) without rowid;

  -- A breach from alarm to recovery, as the detectors see it by the data known now.
  create table episode (
    objective text not null,
    detector text not null,
    alarm integer not null,            -- minutes
    onset integer not null,
    paged integer,
    resolved integer,
    n integer not null,                -- events and bad events from the onset to the alarm
    bad integer not null,
    statistic real not null,           -- at the alarm, and what it had to reach
    threshold real not null,
    tiers text not null,               -- JSON
    incident text,
    primary key (objective, detector, alarm)
  ) without rowid;

  create table incident (
    number integer primary key,
    state text not null,
    service text not null,
    environment text,
    opened_at integer not null,
    record text not null               -- JSON
  );
  create index incident_open on incident (service, state);

  create table audit (
    seq integer primary key,
    at integer not null,
    actor text not null,
    type text not null,
    data text not null                 -- JSON
  );

  create table outbox (
    id integer primary key,
    incident text not null,
    sink text not null,
    seq integer not null,
    transition text not null,
    payload text not null,             -- JSON of the incident as it was then
    created_at integer not null,
    attempts integer not null default 0,
    next_attempt_at integer not null,
    uncertain integer not null default 0,
    state text not null default 'pending',
    last_error text,
    settled_at integer,
    superseded_by integer,
    remote text,                       -- JSON of what the destination knows it by
    refresh_until integer,
    unique (sink, incident, seq)
  );
  create index outbox_pending on outbox (sink, created_at) where state = 'pending';
  create index outbox_refresh on outbox (sink, refresh_until) where refresh_until is not null;

  create table change (
    id text primary key,
    service text not null,
    environment text,
    type text not null,
    before text,                       -- JSON
    after text,
    at integer not null,
    state text not null,
    description text,
    origin text not null               -- declared | observed
  ) without rowid;
  create index change_of_service on change (service, at);

  create table setting (name text primary key, value text not null) without rowid;
  `,
  `
  -- A rating waits from when it came, whatever time it is about. What never found its interaction, and what another one has
  -- replaced, is counted in no minute: it goes by when it came.
  drop index rating_waiting;
  create index rating_uncounted on rating (commit_minute) where event_minute is null;
  create index rating_replaced on rating (identity, at) where active = 0;
  `,
  `
  -- Spans are stored part by part (src/store/sqlite/parts.ts), numbered as they come: a commit is appended whatever times
  -- it brings. A part was one span until now.
  create table part (id integer primary key, data blob not null);
  create table part_range (
    links integer not null,      -- 1: parts of links
    second integer not null,     -- of the ends of their spans
    first integer not null,
    last integer not null,
    primary key (links, second, first)
  ) without rowid;
  create temp table place as
    select row_number() over (order by links, end, trace, span) as id, * from (
      select 0 as links, end, trace, span, data from span union all select 1, end, trace, span, data from link
    );
  insert into part
    select id, cast(trace || unhex(printf('%08x', end / 10)) || span || unhex(printf('%02x', end % 10)) || data as blob)
    from place order by id;
  insert into part_range select links, end / 10, min(id), max(id) from place group by links, end / 10;
  drop table span;
  drop table link;

  -- The part that the anchor of a rating's interaction is stored in.
  alter table rating add column owner_part integer;
  create index temp.place_of on place (trace, span);
  update rating set owner_part =
    (select id from place where trace = owner_trace and span = owner_span and end = owner_end)
    where owner_trace is not null;
  alter table rating drop column owner_end;
  drop table place;

  -- Where the parts of a trace, a response or a conversation are: sorted runs (src/store/sqlite/pointer-runs.ts). They are
  -- made again from the parts.
  drop table pointer_run;
  delete from pointer_chunk;
  create table pointer_run (
    run integer primary key,
    kind integer not null,       -- 0: of traces, 1: of responses and conversations
    level integer not null,
    base integer not null,       -- part that an entry's offset is added to
    reach integer not null,      -- the largest offset
    earliest integer not null,   -- tenths: of the ends of the spans pointed at
    latest integer not null,
    entries integer not null
  );
  delete from unsettled where clock = 2;
  `,
  `
  -- What metrics say of calls, to hold against the spans (src/store/sqlite/call-counts.ts): the highest count of each point, and
  -- the calls by minute; source is the library and the metric.
  create table call_point (id blob primary key, time integer not null, calls integer not null) without rowid;
  create index call_point_time on call_point (time);
  create table call_minute (
    service integer not null, minute integer not null, source integer not null,
    calls integer not null, failed integer not null,
    primary key (service, minute, source)
  ) without rowid;
  create index call_minute_minute on call_minute (minute);
  `,
  `
  -- A rating may name the application's own id of its interaction, and several names beside each other: the conversation is
  -- the last resort, and one that was joined by it may find better.
  alter table rating add column interaction blob;
  alter table rating add column by_conversation integer not null default 0;
  update rating set by_conversation = 1 where owner_trace is not null and trace is null and response is null;
  drop index rating_conversation;
  create index rating_conversation on rating (conversation) where conversation is not null and active = 1;
  create index rating_by_conversation on rating (commit_minute) where by_conversation = 1;
  create index rating_unjoined on rating (trace) where event_minute is null and trace is not null;
  `,
  `
  -- Requests that failed without any AI span, and the routes on which these are failures of the AI
  -- (src/store/sqlite/failed-entries.ts).
  create table failed_entry (
    end integer not null,
    trace blob not null,
    span blob not null,
    service integer not null,
    route integer not null,
    weight real not null,
    primary key (end, trace, span)
  ) without rowid;
  create table blind_route (service integer not null, route integer not null, primary key (service, route)) without rowid;
  `,
  `
  -- Ratings are told apart by how late they were and by the day of their interaction (src/tally/delay.ts): the minutes in
  -- which they became known are folded again, as far as their rows are there; and those of interactions that were rated too late.
  insert or ignore into refold select distinct clock, minute from tally where clock = 1;
  insert or ignore into refold select distinct 0, event_minute from rating
    where active = 1 and event_minute is not null and label_minute - event_minute >= 10080;
  `,
  {
    up: `
  -- What was said of one interaction is read together (src/store/sqlite/joint-desk.ts).
  drop index rating_owner;
  create index rating_owner on rating (owner_trace, owner_span) where owner_trace is not null;
  `,
    down: `
  drop index rating_owner;
  create index rating_owner on rating (owner_trace) where owner_trace is not null;
  `,
  },
  {
    up: `
  -- What was attained in periods of the calendar that are closed, as it was when labels were no longer waited for.
  create table closed_period (
    objective text not null,
    start integer not null,      -- minute
    closed_at integer not null,  -- ms
    result text not null,        -- JSON
    primary key (objective, start)
  ) without rowid;
  `,
    down: '',
    parks: ['closed_period'],
  },
  {
    up: `
  -- Who may come in: of tokens, and of the cookies of people who are signed in, the hashes only.
  create table access_token (
    id text primary key,
    hash text not null,
    name text not null,
    role text not null,
    services text,               -- JSON; null: all
    created_at integer not null, -- ms
    created_by text not null,
    expires_at integer not null,
    revoked_at integer
  ) without rowid;
  create table web_session (
    hash text primary key,
    actor text not null,         -- JSON
    member_of text not null,     -- JSON: groups that an identity provider named
    token text,
    created_at integer not null, -- ms
    seen_at integer not null
  ) without rowid;
  `,
    down: 'drop table web_session;',
    parks: ['access_token'],
  },
  {
    up: `
  -- The audit is a chain (docs/guide/audit-format.md). What was written before is made part of it behind the last step
  -- (src/store/audit/adopt.ts).
  alter table audit rename to audit_unchained;
  create table audit_entry (
    seq integer primary key,
    at integer not null,         -- ms
    actor text not null,         -- kind:id
    type text not null,
    entry text not null,         -- canonical JSON: the bytes that count
    leaf blob not null           -- SHA-256(0x00 || bytes)
  );
  create index audit_entry_at on audit_entry (at);
  create index audit_entry_type on audit_entry (type, seq);
  -- Where the chain ends, and what was cut off in front: one row, which whoever appends locks first.
  create table audit_tip (
    id integer primary key,
    size integer not null,
    leaf blob not null,
    peaks blob not null,         -- of the tree, largest first
    base_size integer not null,
    base_peaks blob not null
  );
  insert into audit_tip values (1, 0, x'', x'', 0, x'');
  create table audit_head (
    id integer primary key,
    size integer not null,
    peaks blob not null,
    at integer not null,         -- ms
    head text not null,          -- canonical JSON: what was signed
    key_id text not null,
    signature blob not null
  );
  -- Public keys, in the order in which they came into force.
  create table audit_key (
    id integer primary key,
    key_id text not null,
    spki blob not null,
    since integer not null,      -- ms
    rotation text                -- JSON: data of the entry that both keys signed; null for one that followed none
  );
  -- Heads on their way to where they are kept outside.
  create table audit_anchor (
    id integer primary key,
    sink text not null,
    head text not null,          -- canonical JSON of the signed head
    state text not null default 'pending',   -- pending | delivered | dead
    attempts integer not null default 0,
    created_at integer not null,
    next_attempt_at integer not null,
    last_error text,
    settled_at integer
  );
  create index audit_anchor_pending on audit_anchor (sink, id) where state = 'pending';
  -- What the log knows of the configuration and of verdicts: what differs the next time is an entry.
  create table audited_document (kind text not null, name text not null, sha256 text not null, primary key (kind, name)) without rowid;
  create table verdict (objective text primary key, verdict text not null, since integer not null) without rowid;
  `,
    down: `
  -- An older build writes its own; what that adds becomes part of the chain on the way forward, at the next start. Without one in
  -- between it is there still.
  create table if not exists audit_unchained (
    seq integer primary key, at integer not null, actor text not null, type text not null, data text not null
  );
  alter table audit_unchained rename to audit;
  `,
    parks: ['audit_entry', 'audit_tip', 'audit_head', 'audit_key', 'audit_anchor', 'audited_document', 'verdict'],
  },
  {
    up: `
  -- Who does not want to be told of what, and until when.
  create table silence (
    number integer primary key,
    starts_at integer not null,  -- ms
    ends_at integer not null,
    created_at integer not null,
    silence text not null        -- JSON
  );
  create index silence_ends on silence (ends_at);
  -- Number of the incident that one follows from.
  alter table incident add column parent integer;
  update incident set parent = cast(substr(json_extract(record, '$.parent'), 5) as integer)
    where json_extract(record, '$.parent') is not null;
  create index incident_parent on incident (parent) where parent is not null;
  `,
    down: `
  drop index incident_parent;
  alter table incident drop column parent;
  `,
    parks: ['silence'],
  },
  {
    up: `
  -- What was given up, and when each destination last took something: asked for at every look at the metrics.
  create index outbox_settled on outbox (sink, state, settled_at);
  `,
    down: 'drop index outbox_settled;',
  },
  {
    up: `
  -- What of the history outside is not what is known now (src/store/records/history.ts): of kind 0 the minutes of half an hour of a
  -- service, a bit each; of kind 1 a whole hour of it.
  create table history_due (
    kind integer not null,
    at integer not null,         -- half hours, or hours
    service integer not null,
    minutes integer not null,
    revision integer not null,   -- of the newest of those marks
    primary key (kind, at, service)
  ) without rowid;
  -- One row: what history that is, the revision of its newest mark, and the hour that is made next on the way back through the past.
  create table history_cursor (
    id integer primary key, target text not null, revision integer not null, sweep_hour integer, sweep_until integer not null
  );
  -- Incidents as they were written: the tags and the time of their points.
  create table history_incident (
    number integer primary key, point text not null, final integer not null
  );
  `,
    down: 'drop table history_due; drop table history_cursor; drop table history_incident;',
  },
  {
    up: `
  -- What tools outside have told: it is answered once it is here, and dealt with afterwards. An event is known by its tool's id for
  -- days after that, so that told again it is nothing new.
  create table inbox (
    id integer primary key,
    sink text not null,
    event text not null,
    received_at integer not null,  -- ms
    content text,                  -- JSON; null: dealt with
    state text not null default 'waiting',   -- waiting | done | nothing | unknown
    settled_at integer,
    unique (sink, event)
  );
  create index inbox_waiting on inbox (id) where state = 'waiting';
  create index inbox_settled on inbox (settled_at) where settled_at is not null;
  `,
    down: '',
    parks: ['inbox'],
  },
  {
    up: `
  -- Changes that are assessed, approved and reviewed. What has been started is in \`change\` beside, as everything that was declared.
  create table change_record (
    id text primary key,
    service text not null,
    state text not null,
    template text,               -- what a standard change follows
    at integer not null,         -- ms; began, or else was asked for
    watch_until integer,         -- ms; null: it is not watched, or its review is written
    record text not null         -- JSON
  );
  create index change_record_listed on change_record (at, id);
  create index change_record_of_service on change_record (service, at);
  create index change_record_watched on change_record (watch_until) where watch_until is not null;
  `,
    down: '',
    parks: ['change_record'],
  },
  {
    up: `
  -- What makes incidents, and has to be found and mended once.
  create table problem (
    number integer primary key,
    state text not null,
    service text not null,
    environment text,
    category text not null,
    opened_at integer not null,  -- ms
    closed_at integer,
    record text not null         -- JSON
  );
  create index problem_of_service on problem (service, number);
  -- First sights of a value that is a change in itself, each looked at once: what was seen, and the change that it was recorded as;
  -- null: somebody had declared it.
  create table change_sighting (
    service integer not null,
    dimension integer not null,
    value integer not null,
    seen_at integer not null,    -- ms
    change text,
    evidence text not null,      -- JSON
    primary key (service, dimension, value)
  ) without rowid;
  create index change_sighting_recorded on change_sighting (change) where change is not null;
  `,
    down: '',
    parks: ['problem', 'change_sighting'],
  },
  {
    up: `
  -- What was said of services over the API, beside what their files say.
  create table service_record (
    service text not null,
    environment text not null,   -- '': as of a file without one
    at integer not null,         -- ms; said last
    record text not null,        -- JSON
    primary key (service, environment)
  ) without rowid;
  `,
    down: '',
    parks: ['service_record'],
  },
  {
    up: `
  -- How calls of a model are: the state of what watches them, behind a minute (src/changes/fingerprint.ts).
  create table fingerprint (
    service integer not null,
    dependency integer not null,
    quantity text not null,
    through integer not null,    -- minute
    state blob not null,
    primary key (service, dependency, quantity)
  ) without rowid;
  -- What speaks for a change that was seen in them.
  create table change_jump (
    change text primary key,
    evidence text not null       -- JSON
  ) without rowid;
  `,
    down: 'drop table fingerprint;',
    parks: ['change_jump'],
  },
  {
    up: `
  -- The change that an incident is of: counted by change_failure_ratio at every look at the metrics.
  alter table incident add column caused_by text;
  update incident set caused_by = json_extract(record, '$.causedByChange') where record like '%"causedByChange":"%';
  create index incident_caused on incident (opened_at, caused_by) where caused_by is not null;
  `,
    down: `
  drop index incident_caused;
  alter table incident drop column caused_by;
  `,
  },
  {
    up: `
  -- How changes of other tools stood when that was told last, by each name that they have there: also of those that nobody has
  -- registered yet.
  create table change_standing (
    sink text not null,
    reference text not null,     -- in small letters
    told_at integer not null,    -- ms
    standing text not null,      -- JSON
    primary key (sink, reference)
  ) without rowid;
  create index change_standing_told on change_standing (told_at);
  delete from setting where name like 'standings of %';
  `,
    down: '',
    parks: ['change_standing'],
  },
];
