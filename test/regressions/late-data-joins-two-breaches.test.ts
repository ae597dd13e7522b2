import { describe, expect, it } from 'vitest';
import { compareEpisodes, type Episode } from '../../src/incidents/episodes.ts';
import type { DetectorEvent } from '../../src/objectives/objective-watch.ts';

const episode = (alarm: number, resolved: number | null, incident: string): Episode => ({
  objective: 'o',
  detector: 'sequential',
  onset: alarm - 3,
  alarm,
  paged: null,
  resolved,
  n: 100,
  bad: 50,
  statistic: 1e6,
  threshold: 43_200,
  tiers: [],
  incident,
});
const alarm = (minute: number, page = false): DetectorEvent => ({
  detector: 'sequential',
  event: {
    type: 'alarm',
    minute,
    onset: minute - 3,
    n: 100,
    bad: 50,
    statistic: 1e6,
    threshold: 43_200,
    page,
    tiers: [],
  },
});
const resolved = (minute: number): DetectorEvent => ({ detector: 'sequential', event: { type: 'resolved', minute } });
const said = (known: Episode[], after: number, events: DetectorEvent[]): unknown[] =>
  compareEpisodes('o', known, after, events).map(({ type, episode: { alarm, resolved, incident } }) => [
    type,
    alarm,
    resolved,
    incident,
  ]);

describe('late data about breaches that are known', () => {
  it('which fill the gap between two make them one, the newer goes on and nothing is withdrawn', () => {
    const known = [episode(100, 150, 'INC-1'), episode(180, null, 'INC-2')];
    expect(said(known, 90, [alarm(100)])).toEqual([
      ['moved', 100, null, 'INC-2'],
      ['merged', 100, 150, 'INC-1'],
    ]);
  });

  it('the same when the first was under way at the checkpoint', () => {
    const known = [episode(100, 150, 'INC-1'), episode(180, null, 'INC-1')];
    expect(said(known, 120, [])).toEqual([
      ['moved', 100, null, 'INC-1'],
      ['merged', 100, 150, 'INC-1'],
    ]);
  });

  it('which show a recovery in between make one into two, the first keeps its record', () => {
    expect(said([episode(100, null, 'INC-1')], 90, [alarm(100), resolved(150), alarm(180)])).toEqual([
      ['ended', 100, 150, 'INC-1'],
      ['began', 180, null, null],
    ]);
  });

  it('which change nothing change nothing, with two breaches known and found', () => {
    const known = [episode(100, 150, 'INC-1'), episode(180, null, 'INC-2')];
    expect(said(known, 90, [alarm(100), resolved(150), alarm(180)])).toEqual([]);
  });

  it('which take a breach back withdraw it', () => {
    expect(said([episode(100, 150, 'INC-1')], 90, [])).toEqual([['withdrawn', 100, 150, 'INC-1']]);
  });

  it('a breach that is urgent at its alarm begins as that, and is not made urgent a second time', () => {
    const changes = compareEpisodes('o', [], 90, [alarm(100, true)]);
    expect(changes.map(({ type, episode: { paged } }) => [type, paged])).toEqual([['began', 100]]);
  });
});
