import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Message, Outcome, Remote } from '../../src/model/delivery.ts';
import { Failed } from '../../src/sinks/steps.ts';
import { keepTicket, SEARCH_GAPS_MS, type Ticket, type TicketTool } from '../../src/sinks/ticket.ts';
import { messageOf } from '../messages.ts';

interface Row extends Ticket {
  /** Searches that don't show it yet. */
  hidden: number;
  readonly told: number[];
}

/** A tool whose answers get lost, and whose searches lag. */
class Tool {
  rows: Row[] = [];
  /** What becomes of the next creations; then all goes well. */
  creations: ('taken, no answer' | 'lost, no answer' | 'busy' | 'refused' | 'crash')[] = [];
  lag = 0;
  made = 0;
  searches = 0;

  of(message: Message): TicketTool<Row, number> {
    return {
      opening: 0,
      read: async (id) => this.rows.find((row) => row.id === id) ?? null,
      find: async () => {
        this.searches++;
        return this.rows.filter((row) => row.hidden-- <= 0);
      },
      create: async () => {
        const fate = this.creations.shift();
        const row: Row = { id: `T${++this.made}`, isFinal: false, hidden: this.lag, told: [] };
        if (fate === undefined || fate === 'taken, no answer' || fate === 'crash') this.rows.push(row);
        if (fate === 'crash') throw new RangeError('the process ends');
        if (fate === 'busy') throw new Failed({ kind: 'retry', reason: 'answered 503' });
        if (fate === 'refused') throw new Failed({ kind: 'permanent', reason: 'answered 400' });
        if (fate !== undefined) throw new Failed({ kind: 'unknown', reason: 'no answer' });
        return row;
      },
      tell: async (row) => {
        row.told.push(message.seq);
        return message.seq;
      },
    };
  }
}

let tool: Tool;
let warnings: string[];
beforeEach(() => {
  warnings = [];
  tool = new Tool();
});

/** As the dispatcher does it, until it is delivered or dead. */
async function deliver(
  changes: Partial<Message> = {},
): Promise<{ outcome: Outcome; waits: number[]; remote: Remote | null }> {
  let { remote = null, mayHaveArrived = false } = changes;
  const waits: number[] = [];
  for (let attempt = changes.attempt ?? 1; ; attempt++) {
    const message = messageOf({ ...changes, attempt, mayHaveArrived, remote });
    const outcome = await keepTicket(message, tool.of(message), (code) => warnings.push(code)).catch(() => null);
    if (outcome === null) {
      mayHaveArrived = true;
      continue;
    }
    remote = outcome.remote ?? remote;
    if (outcome.kind === 'ok' || outcome.kind === 'permanent') return { outcome, waits, remote };
    mayHaveArrived ||= outcome.kind === 'unknown';
    if (outcome.kind === 'retry' && outcome.waiting) waits.push(outcome.afterMs!);
  }
}

describe('a ticket', () => {
  it('is looked for before it is created, once where nothing can have arrived', async () => {
    const { outcome, remote } = await deliver();
    expect(outcome.kind).toBe('ok');
    expect(remote).toEqual({ id: 'T1', state: { seq: 1, told: 1 } });
    expect([tool.searches, tool.made]).toEqual([1, 1]);
  });

  it('is known by its id from then on', async () => {
    const { remote } = await deliver();
    await deliver({ seq: 2, remote });
    expect([tool.searches, tool.rows.map(({ told }) => told)]).toEqual([1, [[1, 2]]]);
  });

  it('is looked for with growing gaps after a creation without an answer, and found', async () => {
    tool.creations = ['taken, no answer'];
    tool.lag = 3;
    const { waits } = await deliver();
    expect(waits).toEqual(SEARCH_GAPS_MS);
    expect(waits.toSorted((a, b) => a - b)).toEqual(waits);
    expect(tool.rows).toHaveLength(1);
  });

  it('is created again when no search shows it', async () => {
    tool.creations = ['lost, no answer'];
    const { waits } = await deliver();
    expect(waits).toEqual(SEARCH_GAPS_MS);
    expect([tool.rows.length, tool.made]).toEqual([1, 2]);
  });

  it('is looked for anew after each creation without an answer, also one that a crash cut off', async () => {
    tool.creations = ['lost, no answer', 'crash'];
    tool.lag = 3;
    const { waits } = await deliver();
    expect(waits).toEqual([...SEARCH_GAPS_MS, ...SEARCH_GAPS_MS]);
    expect(tool.rows).toHaveLength(1);
  });

  it('is created at once when the tool has only been busy', async () => {
    tool.creations = ['busy', 'busy'];
    const { waits } = await deliver();
    expect([waits, tool.rows.length]).toEqual([[], 1]);
  });

  it('that is refused leaves nothing behind', async () => {
    tool.creations = ['refused'];
    expect((await deliver()).outcome).toEqual({ kind: 'permanent', reason: 'answered 400' });
  });

  it('that was deleted is created again, once', async () => {
    const first = await deliver();
    tool.rows = [];
    const second = await deliver({ seq: 2, remote: first.remote });
    expect(second.remote).toEqual({ id: 'T2', state: { replaces: 'T1', seq: 2, told: 2 } });
    tool.rows = [];
    const third = await deliver({ seq: 3, remote: second.remote });
    expect(third.outcome).toMatchObject({ kind: 'permanent' });
    expect(tool.made).toBe(2);
  });

  it('that is closed for good gets a successor when the incident is reopened, and is told nothing otherwise', async () => {
    const { remote } = await deliver();
    tool.rows = tool.rows.map((row) => ({ ...row, isFinal: true }));
    await deliver({ seq: 2, remote, transition: 'updated' });
    expect([tool.made, tool.rows[0]!.told, warnings]).toEqual([1, [1], ['closed_there']]);
    const reopened = await deliver({ seq: 3, remote, transition: 'reopened' });
    expect(reopened.remote).toMatchObject({ id: 'T2', state: { replaces: 'T1' } });
  });

  it('hears nothing that is older than what it was told', async () => {
    const { remote } = await deliver({ seq: 5 });
    expect((await deliver({ seq: 4, remote })).outcome).toEqual({ kind: 'ok' });
    expect(tool.rows[0]!.told).toEqual([5]);
  });

  it('is one, whatever gets lost, as long as searches lag no longer than they are waited for', () =>
    fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('taken, no answer', 'lost, no answer', 'busy', 'crash'), { maxLength: 6 }),
        fc.nat(SEARCH_GAPS_MS.length),
        async (creations, lag) => {
          tool = new Tool();
          tool.creations = creations;
          tool.lag = lag;
          const { outcome } = await deliver();
          expect(outcome.kind).toBe('ok');
          expect(tool.rows).toHaveLength(1);
        },
      ),
    ));
});
