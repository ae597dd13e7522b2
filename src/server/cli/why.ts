import { OperatorError } from '../../model/errors.ts';
import type { Millis } from '../../model/time.ts';
import type { Objective } from '../../objectives/objective.ts';
import type { Reader } from '../../store/reader.ts';
import { suggestion } from '../config/nearest.ts';
import type { Configuration } from '../plimsoll.ts';
import { whyJson, whyText } from '../why/text.ts';
import { whyOf } from '../why/why.ts';
import { openStore } from './open-store.ts';
import { tellRefusal } from './refusal.ts';
import { storedObjectives } from './traffic.ts';

export interface WhyCommandOptions {
  readonly configuration: Configuration;
  /** Of a service or an objective. */
  readonly name: string;
  readonly at: Millis;
  readonly now: Millis;
  readonly json: boolean;
}

/** Says what the detectors saw at a time. 0: said. 2: there is no such name, or nothing is stored. */
export function whyCommand({ configuration, name, at, now, json }: WhyCommandOptions): number {
  const { deployment } = configuration;
  let reader: Reader | null = null;
  try {
    reader = openStore(deployment.store, 'PLIM_CHECK_NO_STORE');
    const { graceMs } = deployment.judge;
    const open = reader;
    const whys = named(storedObjectives(configuration, reader), name).map((objective) =>
      whyOf({ reader: open, objective, at, now, graceMs }),
    );
    if (json) console.log(JSON.stringify({ objectives: whys.map(whyJson) }));
    else {
      const context = { graceMs, sinks: deployment.sinks.map((sink) => sink.name) };
      console.log(whys.map((why) => whyText(why, context).join('\n')).join('\n\n'));
    }
    return 0;
  } catch (error) {
    tellRefusal(error, json);
    return 2;
  } finally {
    reader?.close();
  }
}

function named(objectives: readonly Objective[], name: string): Objective[] {
  const found = objectives.filter((objective) => objective.name === name);
  const ofService = found.length > 0 ? found : objectives.filter(({ service }) => service === name);
  if (ofService.length > 0) return ofService;
  throw new OperatorError('PLIM_CHECK_UNKNOWN_NAME', {
    what: `no objective that is judged is named ${JSON.stringify(name)}, nor is one of such a service`,
    fix: suggestion(name, [...new Set(objectives.flatMap((objective) => [objective.name, objective.service]))]),
    retryable: false,
  });
}
