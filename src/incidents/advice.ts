import type { Incident, SuspectChange } from '../model/incident.ts';
import { jumpedModel } from '../model/jump-side.ts';
import { plainText } from '../model/plain-text.ts';

/** What to look at first, by category family (the second part of `ai.<family>.<sub>`). */
const FIRST_STEPS: Readonly<Record<string, string>> = {
  availability:
    "Compare the error types of the bad traces, and look at the provider's status page: is it the provider, a quota, or us?",
  accuracy: 'Read the bad traces beside the good ones, and look for what the wrong answers have in common.',
  hallucination:
    'Check what was retrieved for the bad traces: an empty or stale context is the usual cause; then the prompt.',
  relevance: 'Check retrieval for the bad traces: index version, filters, an empty result.',
  bias: 'Stop the affected use if people are treated differently because of it, and tell the service owner.',
  harmful_content: 'Tighten or switch on the output guardrail for the affected traffic, and tell the service owner.',
  privacy:
    'Contain first: stop the affected path, keep the evidence, and tell the data protection officer the time you became aware.',
  security: 'Contain first: stop the affected path, keep the evidence, and call the security team.',
  agency: 'Take write access away from the agent until the cause is known.',
  drift: 'Compare the traffic before and after the onset: a new source, language or use of the service.',
  supply_chain: 'Pin the last known good version of the model or component.',
  cost: 'Look for the largest traces by tokens: a loop, a longer context, or a caller that is new.',
  experience: 'Read the newest comments and bad traces together: what did people expect?',
};

const pointsAt = (dimension: string, type: string): boolean =>
  (dimension === 'prompt_version' && (type === 'prompt' || type === 'system_instruction')) ||
  (dimension === 'response_model' && (type === 'model_version' || type === 'provider_snapshot'));

function suspicion(suspect: SuspectChange): string {
  const model = jumpedModel(suspect);
  if (model !== null)
    return `Calls of ${plainText(model)} are not what they were: look at its provider's status page, and route traffic to another model if you can.`;
  const back = suspect.before === null ? 'the version before it' : plainText(suspect.before);
  return `Suspect the ${plainText(suspect.type).replaceAll('_', ' ')} change first: go back to ${back}, and watch.`;
}

/** What to do first: short sentences, most useful first. */
export function firstSteps(
  incident: Pick<Incident, 'category' | 'slices' | 'changes' | 'traces' | 'links' | 'knownError'>,
): string[] {
  const steps: string[] = [];
  const { knownError } = incident;
  if (knownError !== undefined)
    steps.push(`Known error ${knownError.problem}: ${plainText(knownError.workaround, 400)}`);
  const guilty = incident.slices[0];
  const suspect =
    incident.changes.find((change) => guilty !== undefined && pointsAt(guilty.dimension, change.type)) ??
    incident.changes[0];
  if (suspect !== undefined) {
    steps.push(suspicion(suspect));
  } else if (guilty !== undefined) {
    steps.push(`Route traffic away from ${plainText(guilty.name)} if you can.`);
  }
  const general = FIRST_STEPS[incident.category.split('.')[1] ?? ''];
  if (general !== undefined) steps.push(general);
  const trace = incident.traces.bad[0];
  if (trace !== undefined && incident.links.trace !== null)
    steps.push(
      `A bad trace to start with: ${incident.links.trace.replaceAll('{traceId}', () => encodeURIComponent(trace.toWellFormed()))}`,
    );
  if (incident.links.runbook !== null) steps.push(`Runbook: ${incident.links.runbook}`);
  return steps;
}
