import { describe, expect, it } from 'vitest';
import type { EscalationJson, TimerJson } from '../../../src/server/api/incident-care.ts';
import { escalationText, timerText } from '../../../src/server/console/app/logic/care.ts';

const MINUTE = 60_000;
const moment = (at: number): string => new Date(at).toISOString().slice(11, 16);
const timer = (more: Partial<TimerJson>): TimerJson => ({
  kind: 'response',
  priority: 2,
  stage: 'in_progress',
  hasBreached: false,
  targetMs: 30 * MINUTE,
  schedule: null,
  start: '2026-11-20T12:00:00.000Z',
  stop: null,
  plannedEnd: '2026-11-20T12:30:00.000Z',
  originalBreach: '2026-11-20T12:30:00.000Z',
  elapsedMs: 10 * MINUTE,
  businessElapsedMs: 10 * MINUTE,
  pausedMs: 0,
  leftMs: 20 * MINUTE,
  percentage: 33.33,
  actualPercentage: 33.33,
  ...more,
});

describe('how a target stands', () => {
  it.each<[Partial<TimerJson>, string]>([
    [{}, '20 min of 30 min left, until 12:30'],
    [{ stage: 'paused', plannedEnd: null }, 'paused: 20 min of 30 min left'],
    [{ hasBreached: true, leftMs: -5 * MINUTE }, 'missed: 5 min over 30 min'],
    [{ stage: 'paused', hasBreached: true, leftMs: -5 * MINUTE }, 'paused: 5 min over 30 min'],
    [{ stage: 'completed' }, 'kept: took 10 min of 30 min'],
    [{ stage: 'completed', hasBreached: true, businessElapsedMs: 40 * MINUTE }, 'missed: took 40 min of 30 min'],
    [{ stage: 'cancelled' }, 'given up, of 30 min'],
  ])('%j', (more, text) => {
    expect(timerText(timer(more), moment)).toBe(text);
  });
});

describe('where an escalation stands', () => {
  const escalation: EscalationJson = { policy: 'on-call', level: 1, dueAt: null, ended: null, calls: [] };
  it.each<[Partial<EscalationJson>, string]>([
    [{}, 'waits until somebody has been reached'],
    [{ dueAt: '2026-11-20T12:15:00.000Z' }, 'the next are told at 12:15, unless somebody acknowledges'],
    [{ level: 0, dueAt: '2026-11-21T08:00:00.000Z' }, 'hours are quiet: the first level is told at 08:00'],
    [{ level: 0 }, 'nobody is told for now'],
    [{ ended: 'exhausted' }, 'no level is left'],
  ])('%j', (more, text) => {
    expect(escalationText({ ...escalation, ...more }, moment)).toBe(text);
  });
});
