import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Incident } from '../../../src/model/incident.ts';
import { itop } from '../../../src/sinks/itop/index.ts';
import { nextStimulus, type Place } from '../../../src/sinks/itop/ticket.ts';
import { incidentWith } from '../../incidents.ts';
import { ITopModel } from '../../standins/itop.ts';
import { remoteOf, Telling } from '../telling.ts';

const desk = new Telling(
  itop,
  {
    url: 'https://itop.example.com/',
    user: 'plimsoll',
    password: 'env:ITOP',
    organization: 'Demo',
    caller: 'plimsoll@example.com',
    team: 'AI platform',
    agent: '17',
    webhookSecret: null,
    poll: null,
  },
  'ITOP-PASSWORD-5',
);
const { send, tell } = desk;
let tool: ITopModel;

beforeEach(() => {
  tool = new ITopModel();
  desk.begin(tool.answer);
});

/** Form fields, as the tool reads them. */
const said = (): { operation: string; stimulus?: string }[] =>
  desk.conversation.exchanges.map(({ request }) =>
    JSON.parse(new URLSearchParams(String(request.body)).get('json_data')!),
  );
const stimuli = (): unknown[] => said().flatMap(({ stimulus }) => stimulus ?? []);
const only = () => {
  expect(tool.tickets).toHaveLength(1);
  return tool.tickets[0]!;
};

const ACKED: Partial<Incident> = { state: 'in_progress', ackedAt: incidentWith().openedAt + 60_000 };
const HELD: Partial<Incident> = { ...ACKED, state: 'on_hold', hold: { reason: 'awaiting_vendor', since: 0 } };
const OVER: Partial<Incident> = {
  ...ACKED,
  state: 'resolved',
  resolvedAt: incidentWith().openedAt + 3_600_000,
  closeCode: 'solution_provided',
};

describe('a ticket', () => {
  it('is one from the opening to the end, as the golden conversation has it', async () => {
    let remote = remoteOf(await tell('opened'));
    remote = remoteOf(await tell('acknowledged', remote, ACKED));
    remote = remoteOf(await tell('updated', remote, { ...ACKED, priority: 1 }));
    remote = remoteOf(await tell('held', remote, { ...HELD, priority: 1 }));
    remote = remoteOf(await tell('resolved', remote, { ...OVER, priority: 1 }));
    remoteOf(await tell('closed', remote, { ...OVER, priority: 1, state: 'closed' }));
    expect(only()).toMatchObject({
      status: 'closed',
      priority: '1',
      fields: { resolution_code: 'other', agent_id: 17 },
    });
    expect(stimuli()).toEqual(['ev_assign', 'ev_pending', 'ev_assign', 'ev_resolve', 'ev_close']);
    expect(only().log).toHaveLength(4);
    await expect(desk.conversation.text(['ITOP-PASSWORD-5'])).toMatchFileSnapshot(
      '../../golden/sinks/itop/conversation.json',
    );
  });

  it('is found again however long its texts are', async () => {
    const long = { description: 'd'.repeat(40_000), summary: 's'.repeat(40_000) };
    remoteOf(await tell('opened', null, long));
    const remote = remoteOf(await send({ attempt: 2, mayHaveArrived: true, incident: incidentWith(long) }));
    remoteOf(await tell('acknowledged', remote, { ...ACKED, ...long }));
    const again = { seq: 2, attempt: 2, mayHaveArrived: true, remote };
    remoteOf(await send({ ...again, transition: 'acknowledged', incident: incidentWith({ ...ACKED, ...long }) }));
    // Of both messages one: that it was opened, too, as it was found and not made.
    expect(only().log).toHaveLength(2);
  });

  it('that is new is assigned before it is resolved', async () => {
    remoteOf(await tell('resolved', remoteOf(await tell('opened')), OVER));
    expect(stimuli()).toEqual(['ev_assign', 'ev_resolve']);
    expect(only().status).toBe('resolved');
  });

  it.each([
    [1, '1'],
    [2, '2'],
    [3, '3'],
    [4, '4'],
    [5, '4'],
  ] as const)('of P%d gets the priority %s, though iTop computes it', async (priority, theirs) => {
    await tell('opened', null, { priority });
    expect(only().priority).toBe(theirs);
  });

  it('that people have resolved or moved is left there, until it is reopened', async () => {
    let remote = remoteOf(await tell('opened'));
    only().status = 'escalated_ttr';
    remote = remoteOf(await tell('updated', remote, { summary: 'worse' }));
    expect(only().status).toBe('escalated_ttr');
    only().status = 'resolved';
    remote = remoteOf(await tell('acknowledged', remote, ACKED));
    remote = remoteOf(await tell('resolved', remote, OVER));
    expect(stimuli()).toEqual([]);
    remoteOf(await tell('reopened', remote, ACKED));
    expect(stimuli()).toEqual(['ev_reopen']);
  });

  it('that is closed gets a successor when the incident is reopened', async () => {
    let remote = remoteOf(await tell('opened'));
    only().status = 'closed';
    remote = remoteOf(await tell('updated', remote));
    expect(desk.warnings).toEqual(['closed_there']);
    remoteOf(await tell('reopened', remote, ACKED));
    expect(tool.tickets.map(({ status }) => status)).toEqual(['closed', 'assigned']);
    expect(tool.tickets[1]!.log[0]).toContain('It takes the place of ticket 1');
  });

  it('is noted once, though the answer was lost', async () => {
    const remote = remoteOf(await tell('opened'));
    await tell('acknowledged', remote, ACKED);
    const again = { seq: 2, deliveryId: 'plimsoll-eu1-INC-42-2', attempt: 2, mayHaveArrived: true, remote };
    remoteOf(await send({ ...again, transition: 'acknowledged', incident: incidentWith(ACKED) }));
    expect([only().log.length, stimuli()]).toEqual([1, ['ev_assign']]);
  });

  it('is not that of another incident whose number begins alike', async () => {
    await tell('opened', null, { id: 'INC-421' });
    await tell('opened', null, { id: 'INC-42' });
    expect(tool.tickets).toHaveLength(2);
  });
});

describe('an answer with HTTP 200', () => {
  it('and code 1 is a dead letter', async () => {
    tool.password = 'another';
    expect(await tell('opened')).toMatchObject({
      kind: 'permanent',
      reason: expect.stringMatching(/^answered code 1: /),
    });
  });

  it.each([['before'], ['after']] as const)(
    'and code 100 is tried once more, the work being done %s it',
    async (when) => {
      // The search goes well, the creation doesn't.
      let isBroken = false;
      desk.through((http) => (request) => {
        if (!isBroken && String(request.body).includes('core%2Fcreate')) {
          isBroken = true;
          tool.faults = [when];
        }
        return http(request);
      });
      remoteOf(await tell('opened'));
      only();
    },
  );

  it('and code 100 again and again is a dead letter that says nothing of theirs', async () => {
    tool.faults = Array(9).fill('before');
    const outcome = await tell('opened');
    expect(outcome).toMatchObject({ kind: 'permanent' });
    expect(JSON.stringify(outcome)).not.toContain('RESPONSE-SECRET');
    expect(said()).toHaveLength(2);
  });
});

it('every place but that of a closed ticket leads to every other, but back to new', () => {
  const places: Place[] = ['new', 'assigned', 'pending', 'resolved', 'closed'];
  const ends = {
    ev_assign: 'assigned',
    ev_pending: 'pending',
    ev_resolve: 'resolved',
    ev_close: 'closed',
    ev_reopen: 'assigned',
  } as const;
  for (const from of places.slice(0, -1))
    for (const to of places.slice(1)) {
      let here: Place = from;
      for (let step = 0; step < 4 && here !== to; step++) here = ends[nextStimulus(here, to)!];
      expect([from, here]).toEqual([from, to]);
    }
});

it('sends no markup but its own, whatever is in the incident', () =>
  fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 200 }), async (text) => {
      tool.reset();
      const nasty = `${text}<script>alert(1)</script>&`;
      const remote = remoteOf(await tell('opened', null, { title: text, description: nasty, category: nasty }));
      remoteOf(await tell('resolved', remote, { ...OVER, summary: nasty }));
      expect(String([only().fields['description'], only().fields['solution'], ...only().log])).not.toMatch(/<(?!br>)/);
    }),
    { numRuns: 50 },
  ));
