import { expect, it } from 'vitest';
import { SYSTEM } from '../../../src/model/incident.ts';
import type { ProblemRecord } from '../../../src/model/problem.ts';
import { moveProblem, type ProblemMove } from '../../../src/problems/lifecycle.ts';
import { newProblem } from '../../../src/problems/open.ts';
import { problemTransition } from '../../../src/problems/told.ts';
import { BODY_MAX_BYTES } from '../../../src/sinks/webhook/event.ts';
import { problemBody } from '../../../src/sinks/webhook/problem-event.ts';
import { incidentWith } from '../../incidents.ts';

const SENDER = { deployment: 'eu1', consoleUrl: 'https://plimsoll.example.com' };
const NOW = Date.UTC(2026, 10, 10);
const BY = { kind: 'user', id: 'dana@example.com' } as const;
const opened: ProblemRecord = newProblem('PRB-7', {
  title: 'support-bot: ai.availability.error_rate',
  service: 'support-bot',
  environment: 'production',
  category: 'ai.availability.error_rate',
  rule: 'repeated',
  sharedSlice: null,
  incidents: [incidentWith({ id: 'INC-40' }), incidentWith({ id: 'INC-42' })],
  text: '3 incidents of one category within 30 days',
  by: SYSTEM,
  now: NOW,
});
const bodyOf = (problem: ProblemRecord, transition: ReturnType<typeof problemTransition>): string =>
  problemBody({ deliveryId: 'plimsoll-eu1-PRB-7-3', seq: 3, transition, at: NOW, problem }, SENDER);

it('is a CloudEvent about the problem, with what speaks for its cause', () => {
  expect(JSON.parse(bodyOf(opened, 'opened'))).toMatchObject({
    specversion: '1.0',
    id: 'plimsoll-eu1-PRB-7-3',
    source: 'https://plimsoll.example.com/instances/eu1',
    type: 'dev.plimsoll.problem.opened.v1',
    subject: 'PRB-7',
    partitionkey: 'PRB-7',
    sequence: '0000000003',
    time: '2026-11-10T00:00:00.000Z',
    data: {
      id: 'PRB-7',
      state: 'new',
      incidents: ['INC-40', 'INC-42'],
      proposed: { category: 'prompt_regression', slice: 'prompt_version=8' },
      correlationId: 'plimsoll-eu1-PRB-7',
      event: 'open',
      links: { problem: 'https://plimsoll.example.com/problems/PRB-7' },
    },
  });
});

it('says with a transition of its own that an error is known; what people said why stays at home', () => {
  const steps: readonly ProblemMove[] = [
    { type: 'assess' },
    { type: 'analyse' },
    { type: 'workaround', text: 'Route to prompt 7.' },
    { type: 'confirm', cause: 'prompt_regression', reason: 'between us: nobody tried it' },
    { type: 'note', text: 'between us: it was Kim' },
    { type: 'fix', change: 'CHG-9' },
    { type: 'resolve', notes: 'between us: at last' },
    { type: 'reopen', reason: 'between us: not yet' },
    { type: 'accept', until: NOW + 86_400_000, reason: 'between us: cheap' },
  ];
  let problem = opened;
  const told: string[] = [];
  for (const step of steps) {
    const moved = moveProblem(problem, step, BY, NOW);
    if (moved.refused) throw new Error(moved.why);
    const transition = problemTransition(step.type, moved.problem, problem);
    problem = moved.problem;
    const body = bodyOf(problem, transition);
    told.push(JSON.parse(body).type);
    expect(body).not.toContain('between us');
    expect(body).not.toContain('dana');
  }
  expect(told.map((type) => /problem\.(\w+)\.v1$/.exec(type)![1])).toEqual([
    'updated',
    'updated',
    'updated',
    'known_error',
    'updated',
    'updated',
    'resolved',
    'reopened',
    'closed',
  ]);
  expect(JSON.parse(bodyOf(problem, 'closed')).data).toMatchObject({
    knownError: true,
    workaround: 'Route to prompt 7.',
    fixChange: 'CHG-9',
    closedAs: 'risk_accepted',
    riskAcceptedUntil: '2026-11-11T00:00:00.000Z',
    causeConfirmedAt: '2026-11-10T00:00:00.000Z',
  });
});

it('fits, however much there is', () => {
  const many = Array.from({ length: 5000 }, (_, i) => `INC-${i + 1}`);
  const evidence = many.slice(0, 20).map((incident) => ({ incident, text: 'x'.repeat(5000) }));
  const body = bodyOf({ ...opened, incidents: many, evidence, workaround: 'y'.repeat(8192) }, 'updated');
  expect(Buffer.byteLength(body)).toBeLessThanOrEqual(BODY_MAX_BYTES);
  expect(JSON.parse(body).data).toMatchObject({ trimmed: true, id: 'PRB-7' });
});
