import { beforeEach, describe, expect, it } from 'vitest';
import type { Incident } from '../../../src/model/incident.ts';
import { grafana } from '../../../src/sinks/grafana/index.ts';
import { incidentWith } from '../../incidents.ts';
import { GrafanaModel } from '../../standins/grafana.ts';
import { remoteOf, Telling } from '../telling.ts';

const desk = new Telling(
  grafana,
  { url: 'https://grafana.example.com/', token: 'env:GRAFANA', path: '/api/annotations', webhookSecret: null },
  'glsa_GRAFANA-TOKEN-6',
);
const { send, tell, methods } = desk;
let tool: GrafanaModel;

beforeEach(() => {
  tool = new GrafanaModel();
  desk.begin(tool.answer);
});

const only = () => {
  expect(tool.annotations).toHaveLength(1);
  return tool.annotations[0]!;
};

const START = incidentWith().startedAt;
const END = START + 3_600_000;
const OVER: Partial<Incident> = {
  state: 'resolved',
  resolvedAt: END,
  summary: 'support-bot: groundedness has recovered',
};

describe('an annotation', () => {
  it('goes from the onset to the end, as the golden conversation has it', async () => {
    let remote = remoteOf(await tell('opened'));
    remote = remoteOf(await tell('acknowledged', remote, { state: 'in_progress' }));
    remote = remoteOf(await tell('resolved', remote, OVER));
    remoteOf(await tell('closed', remote, { ...OVER, state: 'closed' }));
    expect(only()).toMatchObject({ time: START, timeEnd: END });
    expect(only().tags).toContain('plimsoll:INC-42');
    expect(methods().filter((method) => method !== 'GET')).toEqual(['POST', 'PATCH']);
    await expect(desk.conversation.text([tool.token])).toMatchFileSnapshot(
      '../../golden/sinks/grafana/conversation.json',
    );
  });

  it('of which it hears at the end is made and ended', async () => {
    remoteOf(await tell('resolved', null, OVER));
    expect(only().timeEnd).toBe(END);
  });

  it('is found by its tags when the answer to its creation was lost', async () => {
    remoteOf(await tell('opened'));
    remoteOf(await send({ attempt: 2, mayHaveArrived: true }));
    only();
  });

  it('of another deployment is another one', async () => {
    remoteOf(await tell('opened'));
    remoteOf(await send({}, { deployment: 'us1' }));
    expect(tool.annotations).toHaveLength(2);
  });

  it('that is open again ends later', async () => {
    let remote = remoteOf(await tell('resolved', null, OVER));
    remote = remoteOf(await tell('reopened', remote, { state: 'in_progress' }));
    expect(only().timeEnd).toBe(END);
    remoteOf(await tell('resolved', remote, { ...OVER, resolvedAt: END + 60_000 }));
    expect(only().timeEnd).toBe(END + 60_000);
  });

  it('of an incident that was none ends when it was cancelled', async () => {
    remoteOf(await tell('closed', null, { state: 'cancelled', closedAt: END }));
    expect(only().timeEnd).toBe(END);
  });

  it('that somebody deleted is made again', async () => {
    const remote = remoteOf(await tell('opened'));
    tool.annotations = [];
    remoteOf(await tell('resolved', remote, OVER));
    expect(only().timeEnd).toBe(END);
  });

  it('shows names as they are, not as markup', async () => {
    const nasty = '<img src=x onerror=alert(1)>&"';
    await tell('opened', null, { summary: nasty });
    expect(only().text.replaceAll(/<br>|<a href="https:\/\/plimsoll[^"<>]*">|<\/a>/g, '')).not.toMatch(/[<>"]/);
  });
});

it('a wrong token is a dead letter', async () => {
  tool.token = 'another';
  expect(await tell('opened')).toEqual({ kind: 'permanent', reason: 'answered 401' });
});
