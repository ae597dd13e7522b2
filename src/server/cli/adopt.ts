import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Catalog, OTHER_SERVICE } from '../../catalog/catalog.ts';
import { proposeObjectives } from '../../catalog/proposed-objectives.ts';
import { labelOf } from '../../model/config/fields.ts';
import { Objective } from '../../model/config/objective.ts';
import { Service } from '../../model/config/service.ts';
import { Dictionary } from '../../model/dictionary.ts';
import { OperatorError } from '../../model/errors.ts';
import { type CountedService, parseCountedKey } from '../../model/names.ts';
import type { Millis } from '../../model/time.ts';
import { isBudgeted } from '../../objectives/objective.ts';
import type { Reader } from '../../store/reader.ts';
import { storedTexts } from '../../store/sqlite/counting.ts';
import { type NamedProposal, objectiveDocument, objectiveName, serviceDocument } from '../adopt/file.ts';
import { type AdoptedService, adoptedService } from '../adopt/history.ts';
import { suggestion } from '../config/nearest.ts';
import type { Configuration } from '../plimsoll.ts';
import { detectionOf } from './detection.ts';
import { detectionText } from './detection-text.ts';
import { openStore } from './open-store.ts';
import { tellRefusal } from './refusal.ts';
import { trafficOf } from './traffic.ts';
import { countOf } from './words.ts';

export interface AdoptOptions {
  readonly configuration: Configuration;
  readonly name: string;
  /** A file that is not there yet; null: standard output. */
  readonly write: string | null;
  readonly json: boolean;
  readonly now: Millis;
}

/** Writes the file of a service that telemetry alone knows. 0: it is written. 1: it is not. */
export function adoptCommand({ configuration, name, write, json, now }: AdoptOptions): number {
  try {
    const reader = openStore(configuration.deployment.store, 'PLIM_ADOPT_NO_STORE');
    let adopted: { text: string; objectives: string[]; environments: (string | null)[] };
    try {
      adopted = adopt(configuration, reader, name, now);
    } finally {
      reader.close();
    }
    if (write !== null) writeNew(write, adopted.text);
    const { text, objectives, environments } = adopted;
    if (json)
      console.log(JSON.stringify({ service: labelOf(name), environments, objectives, file: write, yaml: text }));
    else if (write === null) process.stdout.write(text);
    else {
      console.log(`${write}: ${labelOf(name)} with ${countOf(objectives.length, 'proposed objective')}`);
      console.log('Read it, write down who owns it, and see that spec.services of the deployment names the file.');
    }
    return 0;
  } catch (error) {
    tellRefusal(error, json);
    return 1;
  }
}

/** The documents of a service, one for each environment that telemetry names, each with its objectives. */
export function adopt(
  configuration: Configuration,
  reader: Reader,
  name: string,
  now: Millis,
): { text: string; objectives: string[]; environments: (string | null)[] } {
  const dictionary = new Dictionary(storedTexts(reader.db));
  const found = undeclaredNamed(configuration, reader, dictionary, name);
  const adopted = found.map((service) => adoptedService(reader, dictionary, service, now));
  const documents = adopted.map((one) => {
    const environment = found.length === 1 ? '' : one.service.environment;
    const objectives = proposeObjectives(one.history).map((proposal) => ({
      ...proposal,
      name: objectiveName(labelOf(name), environment, proposal.suffix),
      detects: [],
    }));
    return { adopted: one, objectives };
  });
  const detects = detectionsOf(configuration, documents);
  const all = documents.flatMap(({ adopted: one, objectives }) => [
    serviceDocument(one),
    ...objectives.map((objective) =>
      objectiveDocument(
        { ...objective, detects: detects.get(objective.name) ?? [] },
        labelOf(name),
        one.service.environment,
      ),
    ),
  ]);
  return {
    text: all.map((document) => document.toString({ lineWidth: 0 })).join('---\n'),
    objectives: documents.flatMap(({ objectives }) => objectives.map((one) => one.name)),
    environments: found.map(({ environment }) => (environment === '' ? null : environment)),
  };
}

function undeclaredNamed(
  { services }: Configuration,
  reader: Reader,
  dictionary: Dictionary,
  name: string,
): CountedService[] {
  const catalog = new Catalog(services);
  const undeclared = reader
    .countedServices()
    .flatMap((code) => parseCountedKey(dictionary.text(code)) ?? [])
    .filter((one) => one.name !== OTHER_SERVICE)
    .filter((one) => catalog.declaredFor({ ...one, namespace: '' }) === null)
    .filter((one) => catalog.byName(one.name, one.environment) === null);
  const found = undeclared.filter((one) => one.name === name);
  if (found.length > 0) return found.sort((a, b) => (a.environment < b.environment ? -1 : 1));
  if (services.some((one) => one.name === name || one.match.serviceNames.includes(name)))
    throw new OperatorError('PLIM_ADOPT_DECLARED', {
      what: `a file declares ${name} already`,
      fix: 'what telemetry shows beyond it stands in its findings',
      retryable: false,
    });
  const names = [...new Set(undeclared.map((one) => one.name))].sort();
  throw new OperatorError('PLIM_ADOPT_UNKNOWN', {
    what: `no telemetry names a service ${JSON.stringify(name)} that no file declares`,
    fix: names.length === 0 ? 'all services that telemetry names have files' : suggestion(name, names),
    retryable: false,
  });
}

interface Proposed {
  readonly adopted: AdoptedService;
  readonly objectives: readonly NamedProposal[];
}

/** What each proposed objective would detect, beside all that share the budget of false incidents with it. */
function detectionsOf(configuration: Configuration, proposed: readonly Proposed[]): Map<string, string[]> {
  const services = proposed.map(({ adopted }) => Service.parse(serviceDocument(adopted).toJS()));
  const objectives = proposed.flatMap(({ adopted, objectives }, i) =>
    objectives.map((one) =>
      Objective.parse(objectiveDocument(one, services[i]!.name, adopted.service.environment).toJS()),
    ),
  );
  const { falseIncidents } = configuration.deployment;
  const judged = trafficOf({
    ...configuration,
    services: [...configuration.services, ...services],
    objectives: [...configuration.objectives, ...objectives],
  }).objectives;
  const detects = new Map<string, string[]>();
  for (const { adopted, objectives } of proposed)
    for (const { name, events } of objectives) {
      const objective = judged.find((one) => one.name === name);
      if (objective === undefined || !isBudgeted(objective)) continue;
      const detection = detectionOf(objective, {
        eventsPerMinute: events / adopted.minutes,
        eventPart: { state: 'unknown' },
        falseIncidentsPer30Days: falseIncidents.per30Days,
      });
      detects.set(name, detectionText(objective.q0, detection, 'since it is known, at most four weeks'));
    }
  return detects;
}

/** @throws OperatorError where something is there already: nobody's file is overwritten */
function writeNew(file: string, text: string): void {
  try {
    writeFileSync(resolve(file), text, { flag: 'wx' });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw code === 'EEXIST'
      ? new OperatorError('PLIM_ADOPT_FILE_EXISTS', {
          what: `${file} is there already`,
          fix: 'name another file, or take what you need from standard output (without --write)',
          retryable: false,
        })
      : new OperatorError('PLIM_ADOPT_NOT_WRITTEN', {
          what: `${file} can't be written: ${message}`,
          fix: 'correct the path, or its rights',
          retryable: false,
        });
  }
}
