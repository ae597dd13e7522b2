import { describe, expect, it } from 'vitest';
import { legalMoves } from '../../../src/incidents/lifecycle.ts';
import { INCIDENT_STATES } from '../../../src/model/incident.ts';
import { readChangeMove } from '../../../src/server/api/change-moves.ts';
import { readMove } from '../../../src/server/api/moves.ts';
import { ACTIONS, bodyOf } from '../../../src/server/console/app/logic/actions.ts';
import { CHANGE_ACTIONS } from '../../../src/server/console/app/logic/change-actions.ts';

const LOCAL = { kind: 'user', id: 'local' } as const;
const ADA = { kind: 'user', id: 'ada' } as const;
const NOW = Date.UTC(2026, 10, 20);

it('the console offers every move that there is', () => {
  const moves = new Set(INCIDENT_STATES.flatMap(legalMoves));
  expect(new Set(Object.keys(ACTIONS))).toEqual(moves);
});

describe('what the forms send is what the API reads', () => {
  it.each(Object.entries(ACTIONS))('%s', (name, action) => {
    for (const who of [LOCAL, ADA]) {
      const said = Object.fromEntries(
        action.fields.map(({ name, type }) => [
          name,
          Array.isArray(type) ? type.at(-1)!.value : type === 'moment' ? '2026-11-19T10:00' : ' some text ',
        ]),
      );
      const { step, by } = readMove(name, bodyOf(action, said, who === ADA), who, NOW);
      expect(step.type).toBe(name);
      expect(by.id).toBe(who.id);
      if (action.fields.some(({ type }) => type === 'person'))
        expect(by.name).toBe(who === LOCAL ? 'some text' : undefined);
    }
  });

  it('what is left as it is, is not sent; what is taken back is null', () => {
    const said = { impact: '', urgency: '2', priority: 'null', reason: 'so it is' };
    expect(bodyOf(ACTIONS['prioritize']!, said, true)).toEqual({ urgency: 2, priority: null, reason: 'so it is' });
    expect(bodyOf(ACTIONS['aware']!, { at: '', person: 'Ada' }, false)).toEqual({ person: 'Ada' });
  });
});

it('a review is signed as it says, or with another result, also before it is written', () => {
  const notes = 'looked through';
  const sent = (result: string) => bodyOf(CHANGE_ACTIONS['review']!, { result, notes, person: '' }, true);
  expect(readChangeMove('review', sent(''), ADA).step).toEqual({ type: 'review', result: null, notes });
  expect(readChangeMove('review', sent('unsuccessful'), ADA).step).toMatchObject({ result: 'unsuccessful' });
});
