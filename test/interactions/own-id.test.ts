import { describe, expect, it } from 'vitest';
import { judgeTrace } from '../../src/interactions/judge.ts';
import { type Sketch, sketch } from './traces.ts';

const SHOP = 2;
const BOT = 4;

const ownIds = (sketches: readonly Sketch[], exchange: 'entry' | 'head' = 'entry'): string[] =>
  judgeTrace(sketches.map(sketch), () => exchange).interactions.map((one) => one.interactionRef);

const request: Sketch = { id: 'http', kind: 'none', spanKind: 'server', to: 900 };
const chat: Sketch = { id: 'chat', under: 'http', from: 100, to: 500 };

describe("the application's own id of an interaction", () => {
  it.each<[string, Sketch[]]>([
    ['a lone call', [{ id: 'chat', interactionRef: 'own' }]],
    ['the request', [{ ...request, interactionRef: 'own' }, chat]],
    [
      'a call that is not the lead',
      [request, chat, { id: 'tool', kind: 'tool', under: 'chat', interactionRef: 'own' }],
    ],
    [
      'a span of no AI between the request and the call',
      [request, { id: 'route', kind: 'none', under: 'http', interactionRef: 'own' }, { ...chat, under: 'route' }],
    ],
    [
      'a span of no AI beside the call',
      [request, { id: 'auth', kind: 'none', under: 'http', interactionRef: 'own' }, chat],
    ],
    [
      'a request of another service above',
      [
        { id: 'gateway', kind: 'none', spanKind: 'server', service: SHOP, to: 950, interactionRef: 'own' },
        { ...request, under: 'gateway', service: BOT },
        { ...chat, service: BOT },
      ],
    ],
  ])('is found on %s', (_where, spans) => {
    expect(ownIds(spans)).toEqual(['own']);
    expect(ownIds(spans.toReversed())).toEqual(['own']);
  });

  it('the nearest one counts', () => {
    expect(
      ownIds([
        { id: 'gateway', kind: 'none', spanKind: 'server', service: SHOP, to: 950, interactionRef: 'far' },
        { ...request, under: 'gateway', service: BOT, interactionRef: 'near' },
        { ...chat, service: BOT },
      ]),
    ).toEqual(['near']);
  });

  it('a session names its exchanges where it lies above them; what lies beside them says nothing of them', () => {
    const session = [
      { ...request, interactionRef: 'session' },
      { id: 'ping', kind: 'none' as const, under: 'http', interactionRef: 'ping' },
      { id: 'one', under: 'http', from: 100, to: 200, interactionRef: 'own-1' },
      { id: 'two', under: 'http', from: 300, to: 400 },
    ];
    expect(ownIds(session, 'head')).toEqual(['own-1', 'session']);
  });

  it('parents that run in a circle are asked once', () => {
    expect(
      ownIds([
        { id: 'a', under: 'b', from: 0, to: 100 },
        { id: 'b', under: 'a', kind: 'none', from: 0, to: 90, interactionRef: 'own' },
      ]),
    ).toEqual(['own']);
  });
});
