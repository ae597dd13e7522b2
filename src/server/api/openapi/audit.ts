import { z } from 'zod';
import { hex, list, paging, type Route, range, time } from './parts.ts';

const sha256 = hex(64, 'c986aa1ceb1a7563c92b09200f7aef206b9e8423485d8a5b51fe329dd128859a');
const AuditEntry = z
  .object({
    v: z.literal(1),
    seq: z.int(),
    ts: time,
    actor: z.object({ kind: z.string(), id: z.string() }),
    type: z.string(),
    data: z.record(z.string(), z.unknown()),
    prev: sha256,
    leaf: sha256,
  })
  .openapi('AuditEntry', { description: 'docs/guide/audit-format.md; `leaf` is not part of the entry.' });
const AuditHead = z
  .object({
    head: z.object({ log: z.string(), root: sha256, size: z.int(), ts: time, v: z.literal(1) }),
    key_id: sha256,
    signature: z.string(),
  })
  .openapi('AuditHead');

export const AUDIT_ROUTES: readonly Route[] = [
  {
    method: 'get',
    path: '/audit',
    summary: 'Entries of the audit log, newest first.',
    query: z.object({ ...range, ...paging, type: z.string().optional(), actor: z.string().optional() }),
    answer: list('entries', AuditEntry),
  },
  {
    method: 'get',
    path: '/audit/heads',
    summary: 'Signed heads of the audit log, newest first.',
    query: z.object(paging),
    answer: list('heads', AuditHead),
  },
  {
    method: 'get',
    path: '/audit/keys',
    summary: 'Public keys of the audit log, in the order in which they came into force.',
    answer: z.object({ keys: z.array(z.object({ keyId: sha256, since: time, pem: z.string() })) }),
  },
  {
    method: 'post',
    path: '/audit/exports',
    summary: 'Notes that the audit log is exported, and signs a head over all of it.',
    body: z.object({ from: time.optional(), until: time.optional() }),
    answer: AuditHead,
    conflict: true,
  },
  {
    method: 'post',
    path: '/audit/rotate-key',
    summary: 'Another key signs the audit log from now on.',
    body: z.object({ to: z.string().optional() }),
    answer: AuditHead,
    conflict: true,
  },
  {
    method: 'post',
    path: '/audit/cut',
    summary: 'Lets go of entries of the audit log of before a time, up to a signed head.',
    body: z.object({ before: time }),
    answer: z.object({ entries: z.int() }),
    conflict: true,
  },
];
