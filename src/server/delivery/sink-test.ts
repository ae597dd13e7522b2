import { exampleIncident, exampleResolved } from '../../incidents/example.ts';
import type { Message, Outcome, Remote } from '../../model/delivery.ts';
import { correlationId, type Incident, type Transition } from '../../model/incident.ts';
import type { Millis } from '../../model/time.ts';
import { contextOf, type Surroundings } from './contexts.ts';
import type { ConfiguredSink } from './dispatcher.ts';
import { checkGroups, unknownGroupText } from './group-check.ts';
import { guarded } from './guarded.ts';
import { type Ways, watched } from './watched.ts';

export interface SinkTestOptions extends Surroundings {
  readonly ways: Ways;
  /** Of the services that are declared. */
  readonly supportGroups: readonly string[];
  readonly pause: (ms: Millis) => Promise<void>;
}

/** What became of one of the two messages of a test. */
export interface TestStep {
  readonly transition: Transition;
  readonly outcome: Outcome['kind'];
  /** Why it was not taken; null: it was. */
  readonly reason: string | null;
  /** Of the last answer, or the last reply of a mail server; null without one. */
  readonly status: number | null;
  readonly durationMs: Millis;
  readonly attempts: number;
}

export interface SinkTestResult {
  readonly sink: string;
  readonly type: string;
  /** What the destination knows the example by. */
  readonly example: string;
  readonly remoteId: string | null;
  readonly remoteUrl: string | null;
  readonly steps: readonly TestStep[];
  readonly warnings: readonly string[];
  readonly passed: boolean;
  /** The example was opened there, or may have been, and could not be ended. */
  readonly isLeftOpen: boolean;
}

/** The end is tried again: an example that stays open is in somebody's way. */
const END_PAUSES_MS: readonly Millis[] = [1_000, 5_000];

/** Tells one destination of an example, by its own words and ways, and that it is over. */
export async function testSink(sink: ConfiguredSink, options: SinkTestOptions): Promise<SinkTestResult> {
  const { now, deployment, pause } = options;
  const id = `TEST-${now()}`;
  const warnings: string[] = [];
  let remote: Remote | null = null;

  const tell = async (incident: Incident, seq: number, transition: Transition, attempt: number): Promise<TestStep> => {
    const message: Message = {
      deliveryId: `${correlationId(deployment, id)}-${seq}`,
      seq,
      transition,
      at: now(),
      incident,
      attempt,
      mayHaveArrived: seq > 1 && remote === null,
      announced: seq > 1,
      remote,
    };
    const watch = watched(options.ways);
    const context = contextOf(sink, watch.ways, options, (_code, text) => warnings.push(text));
    const began = now();
    const outcome = await guarded(() => sink.sink.deliver(message, context), watch.hasSent);
    remote = outcome.remote ?? remote;
    return {
      transition,
      outcome: outcome.kind,
      reason: outcome.kind === 'ok' ? null : outcome.reason,
      status: watch.status(),
      durationMs: now() - began,
      attempts: attempt,
    };
  };

  const groups = await checkGroups(sink, options.supportGroups, options.ways, options, (_code, text) =>
    warnings.push(text),
  );
  if (groups?.kind === 'asked') warnings.push(...groups.unknown.map(unknownGroupText));
  else if (groups !== null) warnings.push(`it can not be asked for its support groups: ${groups.reason}`);

  const opened = exampleIncident(id, now());
  const steps = [await tell(opened, 1, 'opened', 1)];
  // What was refused, or never sent, is not there to be ended.
  const isThere = steps[0]!.outcome === 'ok' || steps[0]!.outcome === 'unknown';
  if (isThere) {
    let end = await tell(exampleResolved(opened, now()), 2, 'resolved', 1);
    for (const [i, ms] of END_PAUSES_MS.entries()) {
      if (end.outcome === 'ok' || end.outcome === 'permanent') break;
      await pause(ms);
      end = await tell(exampleResolved(opened, now()), 2, 'resolved', i + 2);
    }
    steps.push(end);
  }
  const known = remote as Remote | null;
  return {
    sink: sink.name,
    type: sink.sink.name,
    example: correlationId(deployment, id),
    remoteId: known?.id ?? null,
    remoteUrl: known?.url ?? null,
    steps,
    warnings: [...new Set(warnings)],
    passed: steps.length === 2 && steps.every(({ outcome }) => outcome === 'ok'),
    isLeftOpen: isThere && steps.at(-1)!.outcome !== 'ok',
  };
}
