import type { ProblemMessage } from '../../model/delivery.ts';
import { correlationId } from '../../model/incident.ts';
import { problemToJson } from '../../model/problem.ts';
import { iso } from '../../model/time.ts';
import { problemUrl } from '../sink.ts';
import { fittedBody, type Sender, sourceOf } from './event.ts';

/** The body for a step of a problem, alike to that of an incident. */
export function problemBody(message: ProblemMessage, sender: Sender): string {
  const { deliveryId, seq, transition, at, problem } = message;
  const envelope = {
    specversion: '1.0',
    id: deliveryId,
    source: sourceOf(sender),
    type: `dev.plimsoll.problem.${transition}.v1`,
    subject: problem.id,
    time: iso(at),
    datacontenttype: 'application/json',
    sequence: String(seq).padStart(10, '0'),
    partitionkey: problem.id,
  };
  return fittedBody(deliveryId, envelope, dataOf(message, sender));
}

/** What people have said why stays at home, behind the link; what helps is written to be told. */
function dataOf({ transition, problem }: ProblemMessage, sender: Sender): object {
  const { timeline, causeConfirmedBy, riskAcceptance, ...rest } = problemToJson(problem);
  return {
    ...rest,
    causeConfirmedAt: causeConfirmedBy?.at ?? null,
    riskAcceptedUntil: riskAcceptance?.until ?? null,
    correlationId: correlationId(sender.deployment, problem.id),
    transition,
    event: timeline.at(-1)?.event ?? null,
    links: { problem: problemUrl(sender.consoleUrl, problem.id) },
  };
}
