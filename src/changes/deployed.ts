import type { ChangeEntry, ChangeRecord } from '../model/change.ts';
import type { Actor } from '../model/incident.ts';
import { logTime } from '../model/log-time.ts';
import type { Deployed } from '../model/remote-change.ts';
import { type Millis, timeText } from '../model/time.ts';
import type { ChangeFacts } from './lifecycle.ts';

/** What a deployment does to a change: it begins it, ends it, or is only noted because nobody has approved it. */
const NOTED: Readonly<Record<Deployed['phase'], string>> = {
  ordered: 'a deployment was ordered',
  begun: 'a deployment has begun, and nobody has approved the change',
  implemented: 'deployed',
  failed: 'a deployment failed, and nobody had approved the change',
};

/**
 * A change after a deployment of it has gone on. The new version is taken to be out from when the deployment began; one that failed has
 * brought nothing, which is a way back. Deployed without an approval it is what happened, and is marked as `unapproved`.
 * @param now  clock, ms
 * @returns null: that changes nothing
 */
export function withDeployment(
  change: ChangeRecord,
  { phase, at, link }: Pick<Deployed, 'phase' | 'at' | 'link'>,
  by: Actor,
  now: Millis,
  facts: Pick<ChangeFacts, 'freezeUntil' | 'assess'>,
): ChangeRecord | null {
  const said = (text: string): string => `${text} (${link})`;
  const noted = (text: string): ChangeRecord | null => {
    const isKnown = change.timeline.some((one) => one.event === 'reported' && one.text === said(text));
    return isKnown ? null : logged(change, by, now, 'reported', said(text));
  };
  switch (change.state) {
    case 'new':
    case 'assess':
    case 'authorize':
      if (phase === 'ordered') return null;
      if (phase !== 'implemented') return noted(NOTED[phase]);
      return ended(begun(change, at, by, now, facts, true), phase, at, by, now, said);
    case 'scheduled': {
      if (phase === 'ordered') return null;
      const started = begun(change, at, by, now, facts, false);
      return phase === 'begun' ? started : ended(started, phase, at, by, now, said);
    }
    case 'implement':
      return phase === 'implemented' || phase === 'failed' ? ended(change, phase, at, by, now, said) : null;
    case 'review':
      if (phase === 'ordered' || phase === 'begun' || change.rolledBack === (phase === 'failed')) return null;
      return change.review === null ? ended(change, phase, at, by, now, said) : noted(`the deployment ${WORDS[phase]}`);
    case 'closed':
    case 'cancelled':
      return phase === 'ordered' ? null : noted(`it is ${change.state}, and a deployment ${WORDS[phase]}`);
  }
}

const WORDS = { begun: 'has begun', implemented: 'has ended well', failed: 'has failed' } as const;

function logged(change: ChangeRecord, by: Actor, now: Millis, event: ChangeEntry['event'], text: string): ChangeRecord {
  return { ...change, timeline: [...change.timeline, { at: logTime(change, now), by, event, text }] };
}

function begun(
  change: ChangeRecord,
  at: Millis,
  by: Actor,
  now: Millis,
  { freezeUntil, assess }: Pick<ChangeFacts, 'freezeUntil' | 'assess'>,
  unapproved: boolean,
): ChangeRecord {
  const inFreeze = freezeUntil !== null;
  const started: ChangeRecord = { ...change, state: 'implement', startedAt: at, unapproved, inFreeze };
  const text = [
    'deployed',
    ...(unapproved ? ['before anybody had approved it'] : []),
    ...(inFreeze ? [`although nothing changes until ${timeText(freezeUntil)}`] : []),
  ].join(', ');
  return logged({ ...started, assessment: assess(started) }, by, now, 'started', text);
}

function ended(
  change: ChangeRecord,
  phase: 'implemented' | 'failed',
  at: Millis,
  by: Actor,
  now: Millis,
  said: (text: string) => string,
): ChangeRecord {
  const rolledBack = phase === 'failed';
  const endedAt = Math.max(at, change.startedAt ?? at);
  const text = said(`the deployment ${WORDS[phase]}`);
  return logged(
    { ...change, state: 'review', endedAt, rolledBack },
    by,
    now,
    rolledBack ? 'rolled_back' : 'completed',
    text,
  );
}
