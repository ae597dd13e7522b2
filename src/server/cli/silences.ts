import { OperatorError } from '../../model/errors.ts';
import { plainText } from '../../model/plain-text.ts';
import { type Matcher, matcherText, type SilenceJson } from '../../model/silence.ts';
import { type RecordOptions, SHOWN_MAX, tellAnswer } from './records.ts';
import { columns } from './words.ts';

const SILENCES = '/silences';
const minute = (time: string): string => time.slice(0, 16).replace('T', ' ');

/** Those that hold or will, or with `expired` those that are over; newest first. */
export const listSilencesCommand = (
  options: RecordOptions,
  state: 'current' | 'expired' | undefined,
): Promise<number> =>
  tellAnswer(
    options,
    async (running) => ({ silences: await running.list<SilenceJson>(SILENCES, 'silences', { state }, SHOWN_MAX) }),
    ({ silences }) => (silences.length === 0 ? 'no silences' : columns([HEADER, ...silences.map(row)]).join('\n')),
  );

/** Nobody is told of what fits all matchers, until then. */
export const createSilenceCommand = (
  options: RecordOptions,
  wanted: { readonly matchers: readonly string[]; readonly endsAt: string; readonly comment: string },
): Promise<number> =>
  tellAnswer(
    options,
    (running) => running.ask<SilenceJson>('POST', SILENCES, { ...wanted, matchers: wanted.matchers.map(matcherOf) }),
    line,
  );

/** Ends one before its time. */
export const endSilenceCommand = (options: RecordOptions, id: string): Promise<number> =>
  tellAnswer(options, (running) => running.ask<SilenceJson>('DELETE', `${SILENCES}/${encodeURIComponent(id)}`), line);

/** `service=bot`, `category=~ai\.drift\..*`. @throws OperatorError */
function matcherOf(text: string): Pick<Matcher, 'operator' | 'value'> & { readonly label: string } {
  const match = /^(\w+)(=~|!~|!=|=)(.*)$/s.exec(text);
  if (match === null)
    throw new OperatorError('PLIM_COMMAND_MATCHER', {
      what: `${JSON.stringify(text.slice(0, 256))} is no matcher`,
      fix: 'write a label, one of = != =~ !~, and a value: service=bot',
      retryable: false,
    });
  return { label: match[1]!, operator: match[2] as Matcher['operator'], value: match[3]! };
}

const HEADER = ['ID', 'STATE', 'FROM', 'UNTIL', 'BY', 'WHAT', 'WHY'];
const whatOf = ({ matchers }: SilenceJson): string => plainText(matchers.map(matcherText).join(', '), 256);
const row = (one: SilenceJson): string[] => [
  one.id,
  one.state,
  minute(one.startsAt),
  minute(one.endsAt),
  plainText(one.createdBy.name ?? one.createdBy.id, 40),
  whatOf(one),
  plainText(one.comment, 256),
];
const line = (one: SilenceJson): string => `${one.id} is ${one.state}, until ${minute(one.endsAt)}: ${whatOf(one)}`;
