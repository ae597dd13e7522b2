import type { ComponentKind, SeenComponent } from '../../catalog/seen-component.ts';
import { hexOfId } from '../../model/ids.ts';
import type { Interaction } from '../../model/interaction.ts';
import { type CountedService, countedKey } from '../../model/names.ts';
import { DAY_MS } from '../../model/time.ts';
import { CALLED } from '../components-seen.ts';
import type { ApiContext } from './context.ts';
import { placeAt } from './query.ts';

/** Interactions that are looked through for traces of what was seen; and of how many the calls are. */
const LOOKED_THROUGH = 200;
const LOOKED_INTO = 40;
const TRACES_MAX = 3;

const NAMED: Readonly<Partial<Record<ComponentKind, (one: Interaction) => number>>> = {
  model: (one) => one.responseModel || one.requestModel,
  prompt: (one) => one.promptName,
  prompt_version: (one) => one.promptVersion,
  agent: (one) => one.agent,
};

/** The newest interactions of a service in the last day. */
export function newestOf(
  { reader, dictionary, plans, now }: ApiContext,
  service: CountedService,
  limit = LOOKED_THROUGH,
): Interaction[] {
  const code = dictionary.code(countedKey(service));
  const at = now();
  return reader.interactions((one) => plans.countedOf(one.service) === code, placeAt(at - DAY_MS), placeAt(at), limit)
    .interactions;
}

/** Ids of them, each once. */
export const tracesOf = (interactions: readonly Interaction[]): string[] =>
  [...new Set(interactions.map(({ traceId }) => hexOfId(traceId)))].slice(0, TRACES_MAX);

/** Each component with traces in which it was seen: as an interaction names it, or a call inside of one. */
export async function withTraces(
  context: ApiContext,
  service: CountedService,
  components: readonly SeenComponent[],
): Promise<SeenComponent[]> {
  const { dictionary } = context;
  const interactions = newestOf(context, service);
  const ofInteractions = components.map((component) => {
    const nameOf = NAMED[component.kind];
    if (nameOf === undefined) return component;
    return {
      ...component,
      traces: tracesOf(interactions.filter((one) => dictionary.textOrNull(nameOf(one)) === component.name)),
    };
  });
  if (ofInteractions.every(({ traces }) => traces.length > 0)) return ofInteractions;
  const called = await callsIn(context, interactions.slice(0, LOOKED_INTO));
  return ofInteractions.map((component) =>
    component.traces.length > 0
      ? component
      : { ...component, traces: (called.get(`${component.kind} ${component.name}`) ?? []).slice(0, TRACES_MAX) },
  );
}

/** Traces by what their calls are of. */
async function callsIn(
  { reader, writer, dictionary }: ApiContext,
  interactions: readonly Interaction[],
): Promise<Map<string, string[]>> {
  const called = new Map<string, string[]>();
  for (const traceId of new Set(interactions.map((one) => one.traceId)))
    for (const { judged } of reader.trace(traceId, await writer.placesOf(traceId))) {
      const { call } = judged;
      const kind = call === null ? undefined : CALLED[call.kind];
      if (call === null || kind === undefined) continue;
      const name = dictionary.textOrNull(kind === 'model' ? call.model || call.name : call.name);
      const key = `${kind} ${name}`;
      const trace = hexOfId(traceId);
      const known = called.get(key) ?? [];
      if (!known.includes(trace)) called.set(key, [...known, trace]);
    }
  return called;
}
