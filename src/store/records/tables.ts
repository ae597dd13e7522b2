import type { Generated } from 'kysely';
import type { DetectorName } from '../../objectives/objective-watch.ts';

/** The record tables as Kysely sees them: the same on every engine. JSON columns are text. */
export interface Tables {
  objective_state: { objective: string; fingerprint: string; since: number };
  checkpoint: { objective: string; minute: number; state: Uint8Array };
  episode: {
    objective: string;
    detector: DetectorName;
    alarm: number;
    onset: number;
    paged: number | null;
    resolved: number | null;
    n: number;
    bad: number;
    statistic: number;
    threshold: number;
    tiers: string;
    incident: string | null;
  };
  incident: {
    number: number;
    state: string;
    service: string;
    environment: string | null;
    opened_at: number;
    /** Number of the one that it follows from. */
    parent: number | null;
    /** The change that it is of. */
    caused_by: string | null;
    record: string;
  };
  audit_entry: { seq: number; at: number; actor: string; type: string; entry: string; leaf: Uint8Array };
  audit_tip: {
    id: number;
    size: number;
    leaf: Uint8Array;
    peaks: Uint8Array;
    base_size: number;
    base_peaks: Uint8Array;
  };
  audit_head: {
    id: Generated<number>;
    size: number;
    peaks: Uint8Array;
    at: number;
    head: string;
    key_id: string;
    signature: Uint8Array;
  };
  audit_key: { id: Generated<number>; key_id: string; spki: Uint8Array; since: number; rotation: string | null };
  audit_anchor: {
    id: Generated<number>;
    sink: string;
    head: string;
    state: Generated<string>;
    attempts: Generated<number>;
    created_at: number;
    next_attempt_at: number;
    last_error: string | null;
    settled_at: number | null;
  };
  audited_document: { kind: string; name: string; sha256: string };
  verdict: { objective: string; verdict: string; since: number };
  outbox: {
    id: Generated<number>;
    incident: string;
    sink: string;
    seq: number;
    transition: string;
    payload: string;
    created_at: number;
    attempts: Generated<number>;
    next_attempt_at: number;
    uncertain: Generated<number>;
    state: Generated<string>;
    last_error: string | null;
    settled_at: number | null;
    superseded_by: number | null;
    remote: string | null;
    refresh_until: number | null;
  };
  change_standing: { sink: string; reference: string; told_at: number; standing: string };
  inbox: {
    id: Generated<number>;
    sink: string;
    event: string;
    received_at: number;
    content: string | null;
    state: Generated<'waiting' | 'done' | 'nothing' | 'unknown'>;
    settled_at: number | null;
  };
  change: {
    id: string;
    service: string;
    environment: string | null;
    type: string;
    before: string | null;
    after: string | null;
    at: number;
    state: string;
    description: string | null;
    origin: 'declared' | 'observed';
  };
  change_record: {
    id: string;
    service: string;
    state: string;
    template: string | null;
    at: number;
    watch_until: number | null;
    record: string;
  };
  service_record: { service: string; environment: string; at: number; record: string };
  silence: {
    number: number;
    starts_at: number;
    ends_at: number;
    created_at: number;
    silence: string;
  };
  problem: {
    number: number;
    state: string;
    service: string;
    environment: string | null;
    category: string;
    opened_at: number;
    closed_at: number | null;
    record: string;
  };
  change_sighting: {
    service: number;
    dimension: number;
    value: number;
    seen_at: number;
    change: string | null;
    evidence: string;
  };
  slice_value: { service: number; dimension: number; value: number; ordinal: number; first_minute: number };
  unjudged: { clock: number; minute: number; service: number; settlement: number };
  setting: { name: string; value: string };
  /** Where several processes share a store: how often incidents were changed. */
  record_revision: { id: number; revision: number };
  access_token: {
    id: string;
    hash: string;
    name: string;
    role: string;
    services: string | null;
    created_at: number;
    created_by: string;
    expires_at: number;
    revoked_at: number | null;
  };
  web_session: {
    hash: string;
    actor: string;
    member_of: string;
    token: string | null;
    created_at: number;
    seen_at: number;
  };
  history_due: { kind: number; at: number; service: number; minutes: number; revision: number };
  history_cursor: { id: number; target: string; revision: number; sweep_hour: number | null; sweep_until: number };
  history_incident: { number: number; point: string; final: number };
  fingerprint: { service: number; dependency: number; quantity: string; through: number; state: Uint8Array };
  change_jump: { change: string; evidence: string };
  closed_period: { objective: string; start: number; closed_at: number; result: string };
}
