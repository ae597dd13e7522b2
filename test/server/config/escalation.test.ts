import { describe, expect, it } from 'vitest';
import { Deployment } from '../../../src/model/config/deployment.ts';
import { checkCare, checkEscalation } from '../../../src/server/config/escalation-checks.ts';
import { deployment, service } from '../world.ts';

const weekly = [{ days: ['mon'], from: '09:00', to: '17:00' }];
const office = { name: 'office', timeZone: 'Europe/Berlin', weekly };
const mail = (name: string) => ({
  name,
  type: 'email',
  url: 'smtp://mail.example.com:587',
  from: 'plimsoll@example.com',
  to: ['ops@example.com'],
});
const pager = { name: 'pager', type: 'pagerduty', routingKey: 'env:KEY' };
const horn = { name: 'horn', type: 'alertmanager', urls: ['http://alerts.example.com'] };
const marks = { name: 'marks', type: 'grafana', url: 'https://grafana.example.com', token: 'env:TOKEN' };
const sinks = [mail('on-call'), mail('boss'), pager, horn, marks];
const policy = (...levels: string[][]) => ({ name: 'core', levels: levels.map((names) => ({ sinks: names })) });

const problems = (spec: object): string[] =>
  checkEscalation(deployment('x.db', { sinks, schedules: [office], ...spec })).map(
    ({ path, message, hint, code }) => `${path.slice(1).join('.')}: ${message} (${hint}) ${code}`,
  );
const refused = (spec: object): string => {
  const parsed = Deployment.safeParse({ apiVersion: 'plimsoll/v1', kind: 'Deployment', spec });
  return parsed.success ? '' : parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join();
};

describe('names that are not there', () => {
  it.each([
    [
      { escalationPolicies: [policy(['on-call'], ['bos'])] },
      'escalationPolicies.0.levels.1.sinks.0: no sink is named bos (did you mean "boss"?) PLIM_CONFIG_UNKNOWN_NAME',
    ],
    [
      { escalationPolicies: [{ ...policy(['on-call']), quietOutside: 'ofice' }] },
      'escalationPolicies.0.quietOutside: no schedule is named ofice (did you mean "office"?) PLIM_CONFIG_UNKNOWN_NAME',
    ],
    [
      { incidentTargets: { P3: { schedule: 'hours' } }, schedules: [] },
      'incidentTargets.P3.schedule: no schedule is named hours (declare it under spec.schedules of the deployment) PLIM_CONFIG_UNKNOWN_NAME',
    ],
  ])('%j', (spec, problem) => {
    expect(problems(spec)).toEqual([problem]);
  });

  it('of a service', () => {
    const known = deployment('x.db', { sinks, schedules: [office], escalationPolicies: [policy(['on-call'])] });
    const bot = service('bot', { schedule: 'offices', escalationPolicy: 'cores' });
    expect(checkCare(known, bot).map(({ path, hint }) => `${path.join('.')} ${hint}`)).toEqual([
      'spec.schedule did you mean "office"?',
      'spec.escalationPolicy did you mean "core"?',
    ]);
    expect(checkCare(known, service('bot', { schedule: 'always', escalationPolicy: 'core' }))).toEqual([]);
  });
});

describe('what would do nothing, or the same twice', () => {
  it.each([
    [{ escalationPolicies: [policy(['marks'])] }, 'marks a time and tells nobody'],
    [{ escalationPolicies: [policy(['pager'], ['horn'])] }, 'pager escalates by itself'],
    [{ escalationPolicies: [policy(['on-call']), policy(['boss'])] }, 'a second policy is named core'],
    [{ schedules: [office, office] }, 'a second schedule is named office'],
  ])('%j', (spec, message) => {
    expect(problems(spec)).toHaveLength(1);
    expect(problems(spec)[0]).toContain(message);
  });
  it('behind PagerDuty somebody who is not paged may be told', () => {
    expect(problems({ escalationPolicies: [policy(['pager'], ['horn', 'boss'])] })).toEqual([]);
  });
});

describe('values', () => {
  it.each([
    [{ escalationPolicies: [{ name: 'core', levels: [] }] }, 'one level or more'],
    [{ escalationPolicies: [{ name: 'core', levels: [{ sinks: [] }] }] }, 'one sink or more'],
    [{ escalationPolicies: [{ name: 'core', levels: [{ sinks: ['a'], ackTimeout: '5s' }] }] }, 'expected 1m or more'],
    [{ escalationPolicies: [{ name: 'core', levels: [{ sinks: ['a'], repeat: 11 }] }] }, 'from 0 to 10'],
    [{ incidentTargets: { P1: { respond: 'soon' } } }, 'a duration like 15m, or none'],
    [{ schedules: [{ ...office, name: 'always' }] }, 'always is the schedule without a closed time'],
    [{ schedules: [{ ...office, timeZone: 'Berlin' }] }, 'a time zone like Europe/Berlin'],
    [{ schedules: [{ ...office, holidays: ['25.12.2026'] }] }, 'a date like'],
    [{ schedules: [{ ...office, weekly: [...weekly, { days: ['mon'], from: '16:00', to: '18:00' }] }] }, 'overlaps'],
  ])('%j', (spec, message) => {
    expect(refused(spec)).toContain(message);
  });

  it('what is left out of a target is as it is by default', () => {
    const { incidentTargets } = deployment('x.db', {
      incidentTargets: { P1: { respond: '5m' }, P3: { resolve: 'none' } },
    });
    expect(incidentTargets[1]).toEqual({ respondMs: 300_000, resolveMs: 14_400_000, schedule: 'always' });
    expect(incidentTargets[3]).toEqual({ respondMs: 14_400_000, resolveMs: null, schedule: null });
  });
});
