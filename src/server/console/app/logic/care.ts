import type { EscalationJson, TimerJson } from '../api.ts';
import { durationText } from './format.ts';

/** How a target stands, in words. @param moment  a time as people here write it */
export function timerText(timer: TimerJson, moment: (at: number) => string): string {
  const { stage, hasBreached, targetMs, businessElapsedMs, leftMs, plannedEnd } = timer;
  const target = durationText(targetMs);
  if (stage === 'cancelled') return `given up, of ${target}`;
  if (stage === 'completed')
    return `${hasBreached ? 'missed' : 'kept'}: took ${durationText(businessElapsedMs)} of ${target}`;
  const left = leftMs < 0 ? `${durationText(-leftMs)} over ${target}` : `${durationText(leftMs)} of ${target} left`;
  if (stage === 'paused') return `paused: ${left}`;
  if (hasBreached || plannedEnd === null) return `missed: ${left}`;
  return `${left}, until ${moment(Date.parse(plannedEnd))}`;
}

/** Where an escalation stands, in words. */
export function escalationText({ level, dueAt, ended }: EscalationJson, moment: (at: number) => string): string {
  if (ended !== null) return ENDED[ended];
  const due = dueAt === null ? null : moment(Date.parse(dueAt));
  if (level === 0)
    return due === null ? 'nobody is told for now' : `hours are quiet: the first level is told at ${due}`;
  return due === null
    ? 'waits until somebody has been reached'
    : `the next are told at ${due}, unless somebody acknowledges`;
}

const ENDED: Readonly<Record<NonNullable<EscalationJson['ended']>, string>> = {
  acknowledged: 'somebody has acknowledged',
  resolved: 'it is over',
  exhausted: 'no level is left',
  withdrawn: 'the service has no policy any more',
};
