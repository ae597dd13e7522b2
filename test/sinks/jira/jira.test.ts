import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Message, Remote } from '../../../src/model/delivery.ts';
import type { Incident } from '../../../src/model/incident.ts';
import { jira } from '../../../src/sinks/jira/index.ts';
import { incidentWith } from '../../incidents.ts';
import { JiraModel } from '../../standins/jira.ts';
import { remoteOf, Telling } from '../telling.ts';

const desk = new Telling(
  jira,
  {
    url: 'https://example.atlassian.net/',
    user: 'bot@example.com',
    token: 'env:JIRA',
    project: 'OPS',
    issueType: 'Incident',
    webhookSecret: null,
  },
  'secret',
);
const { send, tell } = desk;
let tool: JiraModel;

beforeEach(() => {
  tool = new JiraModel();
  desk.begin(tool.answer);
});

const asked = (): string[] =>
  desk.conversation.exchanges.map(
    ({ request }) => `${request.method} ${request.path.split('?')[0]!.replace('/rest/api/3/', '')}`,
  );
const only = () => {
  expect(tool.issues).toHaveLength(1);
  return tool.issues[0]!;
};

const ACKED: Partial<Incident> = { state: 'in_progress', ackedAt: incidentWith().openedAt + 60_000 };
const OVER: Partial<Incident> = {
  ...ACKED,
  state: 'resolved',
  resolvedAt: incidentWith().openedAt + 3_600_000,
  closeCode: 'solution_provided',
};

describe('an issue', () => {
  it('is one from the opening to the end, as the golden conversation has it', async () => {
    let remote = remoteOf(await tell('opened'));
    remote = remoteOf(await tell('acknowledged', remote, ACKED));
    remote = remoteOf(await tell('updated', remote, { ...ACKED, priority: 1 }));
    remote = remoteOf(await tell('resolved', remote, { ...OVER, priority: 1 }));
    remoteOf(await tell('closed', remote, { ...OVER, priority: 1, state: 'closed' }));
    expect(only()).toMatchObject({
      status: 'Closed',
      fields: { labels: ['plimsoll', 'plimsoll-eu1-INC-42'], priority: { name: 'Highest' } },
      properties: [{ key: 'plimsoll', value: { incident: 'INC-42', correlation: 'plimsoll-eu1-INC-42' } }],
    });
    expect(only().comments).toHaveLength(4);
    expect(remote).toMatchObject({ id: 'OPS-1', url: 'https://example.atlassian.net/browse/OPS-1' });
    await expect(
      desk.conversation.text([Buffer.from('bot@example.com:secret').toString('base64')]),
    ).toMatchFileSnapshot('../../golden/sinks/jira/conversation.json');
  });

  it('is commented where customers don’t read it', async () => {
    await tell('acknowledged', remoteOf(await tell('opened')), ACKED);
    expect(only().comments[0]!.properties).toContainEqual({ key: 'sd.public.comment', value: { internal: true } });
  });

  it('of which it hears at the end is opened and closed', async () => {
    remoteOf(await tell('resolved', null, OVER));
    expect(only().status).toBe('Closed');
  });

  it('is closed in two steps where the workflow has no shorter way, and asks for a resolution', async () => {
    tool.workflow.Open = ['Working'];
    tool.asksForResolution = true;
    remoteOf(await tell('resolved', null, OVER));
    expect([only().status, desk.warnings]).toEqual(['Closed', []]);
  });

  it('that the workflow leads nowhere is commented, and people are told', async () => {
    tool.workflow.Open = [];
    remoteOf(await tell('resolved', null, OVER));
    expect([only().status, only().comments.length, desk.warnings]).toEqual(['Open', 1, ['no_transition']]);
  });

  it('goes without a priority where there is no place for one', async () => {
    tool.hidesPriority = true;
    const remote = remoteOf(await tell('opened', null, { priority: 3 }));
    remoteOf(await tell('updated', remote, { priority: 1 }));
    expect([only().fields['priority'], desk.warnings]).toEqual([undefined, ['priority_refused', 'priority_refused']]);
  });

  it('is left where people put it, until it is reopened', async () => {
    let remote = remoteOf(await tell('opened', null, { priority: 3 }));
    only().status = 'Closed';
    only().fields['priority'] = { name: 'Low' };
    remote = remoteOf(await tell('acknowledged', remote, { ...ACKED, priority: 3 }));
    remote = remoteOf(await tell('resolved', remote, { ...OVER, priority: 3 }));
    expect([only().status, only().fields['priority']]).toEqual(['Closed', { name: 'Low' }]);
    remoteOf(await tell('reopened', remote, { ...ACKED, priority: 3 }));
    expect(only().status).toBe('Working');
  });

  it('that was deleted is created again, and says of which it takes the place', async () => {
    const remote = remoteOf(await tell('opened'));
    tool.issues = [];
    remoteOf(await tell('acknowledged', remote, ACKED));
    expect(only().key).toBe('OPS-2');
    expect(JSON.stringify(only().comments)).toContain('OPS-1');
  });
});

describe('an answer that was lost', () => {
  /** The next answer to such a request doesn't arrive. */
  const loseAnswer = (method: string, end: string): void => {
    let isLost = false;
    desk.through((http) => async (request) => {
      const result = await http(request);
      if (isLost || request.method !== method || !request.url.endsWith(end)) return result;
      isLost = true;
      return { kind: 'no_answer', reason: 'no answer (ECONNRESET)' };
    });
  };
  /** As the dispatcher does it. */
  const repeat = async (changes: Partial<Message>): Promise<Remote> => {
    let { remote = null } = changes;
    let mayHaveArrived = false;
    for (let attempt = 1; attempt < 20; attempt++) {
      const outcome = await send({ ...changes, attempt, mayHaveArrived, remote });
      remote = (outcome.kind === 'ok' ? outcome.remote : outcome.remote) ?? remote;
      if (outcome.kind === 'ok') return remote!;
      mayHaveArrived ||= outcome.kind === 'unknown';
    }
    throw new Error('never delivered');
  };

  it.each([0, 1, 2, 3])('to a creation makes no second issue, though the search lags by %d searches', async (lag) => {
    tool.lag = lag;
    loseAnswer('POST', '/issue');
    await repeat({});
    only();
  });

  it('to a comment makes no second comment, nor to a transition a second step', async () => {
    const remote = remoteOf(await tell('opened'));
    loseAnswer('POST', '/comment');
    const acked = await repeat({
      seq: 2,
      transition: 'acknowledged',
      remote,
      incident: incidentWith(ACKED),
      deliveryId: 'd-2',
    });
    expect([only().comments.length, only().status]).toEqual([1, 'Working']);
    loseAnswer('POST', '/transitions');
    await repeat({ seq: 3, transition: 'resolved', remote: acked, incident: incidentWith(OVER), deliveryId: 'd-3' });
    expect([only().comments.length, only().status]).toEqual([2, 'Closed']);
  });
});

it('is not held up by comments and choices that are longer than what is read of an answer', async () => {
  desk.through((http) => async (request) => {
    const result = await http(request);
    const isLong = /\/comment\?|expand=transitions/.test(request.url) && result.kind === 'answer';
    return isLong ? { ...result, body: result.body.slice(0, 20) } : result;
  });
  const remote = remoteOf(await tell('opened'));
  const again = { seq: 2, attempt: 2, mayHaveArrived: true, remote };
  remoteOf(await send({ ...again, transition: 'resolved', incident: incidentWith(OVER) }));
  expect([only().status, only().comments.length]).toEqual(['Closed', 1]);
});

it('comes again when somebody has moved the issue between the look and the step, and finds it where it should be', async () => {
  const remote = remoteOf(await tell('opened'));
  let isMoved = false;
  desk.through((http) => (request) => {
    if (!isMoved && request.method === 'POST' && request.url.endsWith('/transitions')) {
      isMoved = true;
      only().status = 'Closed';
    }
    return http(request);
  });
  const over = { seq: 2, transition: 'resolved', remote, incident: incidentWith(OVER) } as const;
  expect(await send(over)).toMatchObject({ kind: 'retry', reason: 'somebody has moved it meanwhile' });
  remoteOf(await send({ ...over, attempt: 2, mayHaveArrived: true }));
  expect(only().status).toBe('Closed');
});

it('asks only the search that is still there', async () => {
  await tell('opened');
  expect(asked()).toEqual(['GET search/jql', 'POST issue']);
});

it('sends documents that Jira takes, whatever is in the incident', () =>
  fc.assert(
    fc.asyncProperty(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc
        .constantFrom('x', '\n', '\ud800', '\u202e', 'http://a\u0000')
        .chain((one) => fc.nat(40_000).map((n) => one.repeat(n))),
      async (a, b) => {
        tool.reset();
        const remote = remoteOf(await tell('opened', null, { title: a, description: b, category: a }));
        remoteOf(await tell('updated', remote, { summary: b }));
        expect(JSON.stringify(only())).not.toMatch(/\\u202e|\\ud800|\u202e/);
      },
    ),
    { numRuns: 50 },
  ));
