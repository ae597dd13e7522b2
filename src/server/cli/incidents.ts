import type { Move } from '../../incidents/lifecycle.ts';
import type { IncidentJson } from '../../model/incident.ts';
import { plainText } from '../../model/plain-text.ts';
import { type RecordOptions, SHOWN_MAX, tellAnswer } from './records.ts';
import { columns } from './words.ts';

/** Which incidents. */
export interface IncidentFilter {
  readonly state?: string | undefined;
  readonly service?: string | undefined;
  readonly environment?: string | undefined;
}

/** What is said with a move, by the names of the API. */
export interface IncidentSaid {
  readonly reason?: string | undefined;
  readonly person?: string | undefined;
  readonly to?: string | undefined;
  readonly code?: string | undefined;
  readonly notes?: string | undefined;
  readonly text?: string | undefined;
  readonly impact?: number | undefined;
  readonly urgency?: number | undefined;
  readonly priority?: number | undefined;
  readonly category?: string | undefined;
  readonly harm?: string | undefined;
  readonly art349?: string | undefined;
  readonly at?: string | undefined;
}

type Detail = IncidentJson & { readonly advice: readonly string[]; readonly moves: readonly string[] };

const INCIDENTS = '/incidents';
const pathOf = (id: string): string => `${INCIDENTS}/${encodeURIComponent(id)}`;
const words = (code: string): string => code.replaceAll('_', ' ');
const minute = (time: string): string => time.slice(0, 16).replace('T', ' ');

/** Newest first. */
export const listIncidentsCommand = (options: RecordOptions, filter: IncidentFilter): Promise<number> =>
  tellAnswer(
    options,
    async (running) => ({
      incidents: await running.list<IncidentJson>(INCIDENTS, 'incidents', { ...filter }, SHOWN_MAX),
    }),
    ({ incidents }) =>
      incidents.length === 0
        ? `no incident${filter.state === undefined ? '' : ` is ${words(filter.state)}`}`
        : columns([HEADER, ...incidents.map(row)]).join('\n'),
  );

const HEADER = ['ID', 'PRIORITY', 'STATE', 'SINCE', 'ASSIGNED', 'PROBLEM', 'TITLE'];
const row = (one: IncidentJson): string[] => [
  one.id,
  `P${one.priority}`,
  words(one.state),
  minute(one.startedAt),
  plainText(one.assignedTo ?? '-', 40),
  one.problem ?? '-',
  plainText(one.title, 160),
];

/** One incident, as destinations are told of it, with what was done and what may be. */
export const showIncidentCommand = (options: RecordOptions, id: string): Promise<number> =>
  tellAnswer(options, (running) => running.get<Detail>(pathOf(id)), shown);

/** Does to an incident what a person asks for. Where that is not possible now, what is possible is said. */
export const moveIncidentCommand = (
  options: RecordOptions,
  id: string,
  move: Move['type'],
  said: IncidentSaid,
): Promise<number> =>
  tellAnswer(
    options,
    (running) => running.ask<IncidentJson>('POST', `${pathOf(id)}/${move}`, said),
    (moved) => `${moved.id} is ${words(moved.state)}, P${moved.priority}`,
  );

const shown = (incident: Detail): string =>
  [
    `${incident.id}  P${incident.priority}  ${words(incident.state)}  ${plainText(incident.title, 160)}`,
    ...incident.description.split('\n').map((line) => `${/^ */.exec(line)![0]}${plainText(line, 8192)}`),
    'Timeline:',
    ...incident.timeline.map(
      ({ at, by, event, text }) =>
        `  ${minute(at)}  ${words(event)}, by ${plainText(by.name ?? by.id, 256)}${text === null || text === '' ? '' : `: ${plainText(text, 8192)}`}`,
    ),
    `Possible now: ${incident.moves.length === 0 ? 'nothing, for whoever asks' : incident.moves.join(', ')}`,
  ].join('\n');
