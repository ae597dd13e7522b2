import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { conflictFinding, joinedService, recordConflicts, recordedService } from '../../src/catalog/service-records.ts';
import { JUDGED_FIELDS, RECORD_FIELDS, type ServiceRecord } from '../../src/model/service-record.ts';
import { service } from '../server/world.ts';

const record = (fields: ServiceRecord['fields'], more: Partial<ServiceRecord> = {}): ServiceRecord => ({
  service: 'bot',
  environment: '',
  fields,
  confirmed: null,
  revision: 1,
  history: [],
  ...more,
});

describe('what is said over the API of a service that has a file', () => {
  const file = service('bot', { owner: { name: 'Dana' }, criticality: 1, tools: [{ name: 'search' }] });
  const spoken = new Set(['name', 'owner', 'criticality', 'tools']);
  const said = record({ owner: { name: 'Kim' }, supportGroup: 'ai-platform', agents: [{ name: 'planner' }] });

  it('counts where the file is silent; where both speak the file holds, and the difference is shown', () => {
    expect(joinedService(file, spoken, said)).toEqual({
      ...file,
      supportGroup: 'ai-platform',
      agents: [{ name: 'planner' }],
    });
    const conflicts = recordConflicts(file, spoken, said);
    expect(conflicts).toEqual([
      { field: 'owner', file: { name: 'Dana', email: null }, api: { name: 'Kim', email: null } },
    ]);
    expect(conflictFinding('bot', conflicts, 5)).toMatchObject([
      { kind: 'record_conflict', since: 5, detail: expect.stringContaining('differ in owner: the file holds') },
    ]);
  });

  it('is no conflict where both say the same', () => {
    expect(recordConflicts(file, spoken, record({ owner: { name: 'Dana' } }))).toEqual([]);
    expect(conflictFinding('bot', [], 5)).toEqual([]);
  });

  it.each([
    ['2026-08-02', '2026-08-03', '2026-08-03'],
    ['2026-08-03', '2026-08-02', '2026-08-03'],
    [null, '2026-08-02', '2026-08-02'],
  ])('of confirmations on %s and %s the later counts', (ofFile, ofApi, last) => {
    const confirmed = ofFile === null ? {} : { confirmed: { by: 'Dana', at: ofFile } };
    const joined = joinedService(
      service('bot', confirmed),
      new Set(),
      record({}, { confirmed: { by: 'Kim', at: ofApi } }),
    );
    expect(joined.confirmed?.at).toBe(last);
  });

  it('never changes how telemetry is read, counted, judged or kept, whatever is said', () => {
    const FIELDS: Record<string, unknown> = {
      displayName: 'Bot',
      owner: { name: 'Kim' },
      supportGroup: 'x',
      models: [{ provider: 'openai', name: 'gpt-5' }],
      dependsOn: ['search'],
      criticality: 1,
      euAiAct: { riskClass: 'high_annex_iii' },
      evidence: ['status'],
      lifecycle: 'offboarding',
      confirmEvery: '30d',
    };
    const plain = service('bot', {});
    fc.assert(
      fc.property(fc.subarray(Object.keys(FIELDS)), fc.subarray(Object.keys(FIELDS)), (fields, ofFile) => {
        const said = record(Object.fromEntries(fields.map((field) => [field, FIELDS[field]])));
        const joined = joinedService(plain, new Set(ofFile), said);
        const changed = (Object.keys(plain) as (keyof typeof plain)[]).filter(
          (key) => JSON.stringify(joined[key]) !== JSON.stringify(plain[key]),
        );
        const allowed = RECORD_FIELDS.filter((one) => !JUDGED_FIELDS.includes(one) && !ofFile.includes(one));
        for (const key of changed) expect(allowed).toContain(key === 'confirmEveryMs' ? 'confirmEvery' : key);
        // Nothing that was said is lost in silence: it is in the service, or a conflict.
        const conflicts = recordConflicts(plain, new Set(ofFile), said).map(({ field }) => field);
        const kept = [...changed.map((key) => (key === 'confirmEveryMs' ? 'confirmEvery' : key)), ...conflicts];
        expect(kept.sort()).toEqual([...fields].sort());
      }),
    );
  });
});

it('a service without a file is one by what is said, under whatever name telemetry has for it', () => {
  const said = record(
    { owner: { name: 'Kim' }, criticality: 2, evidence: ['status'] },
    { service: 'Vendor Assistant', environment: 'production', confirmed: { by: 'Kim', at: '2026-08-02' } },
  );
  expect(recordedService(said)).toMatchObject({
    name: 'Vendor Assistant',
    environment: 'production',
    criticality: 2,
    evidence: ['status'],
    confirmed: { by: 'Kim', at: '2026-08-02' },
    match: { serviceNames: ['Vendor Assistant'] },
  });
});
