import type { ChangeMoveType } from '../../changes/lifecycle.ts';
import { OperatorError } from '../../model/errors.ts';
import type {
  ChangeDetailJson,
  ChangeVerdictJson,
  ManagedChangeJson,
  RecordedChangeJson,
} from '../api/openapi/changes.ts';
import { changeLine, changeRows, changeText } from './change-text.ts';
import { type RecordOptions, SHOWN_MAX, tellAnswer } from './records.ts';
import { columns } from './words.ts';

/** Which changes. */
export interface ChangeFilter {
  readonly state?: string | undefined;
  readonly service?: string | undefined;
}

export type ListedChangeJson = ManagedChangeJson | RecordedChangeJson;

const CHANGES = '/changes';
const pathOf = (id: string): string => `${CHANGES}/${encodeURIComponent(id)}`;

/** Those asked for and those told of, newest first. */
export const listChangesCommand = (options: RecordOptions, filter: ChangeFilter): Promise<number> =>
  tellAnswer(
    options,
    async (running) => ({
      changes: await running.list<ListedChangeJson>(CHANGES, 'changes', { ...filter }, SHOWN_MAX),
    }),
    ({ changes }) =>
      changes.length === 0
        ? `no change${filter.state === undefined ? '' : ` is ${filter.state}`}`
        : columns(changeRows(changes)).join('\n'),
  );

/** One change: what differs, its risk, what speaks against its time, who has decided, how its watch stands, what was done and what may be. */
export function showChangeCommand(options: RecordOptions, id: string): Promise<number> {
  let verdict: ChangeVerdictJson | null = null;
  return tellAnswer(
    options,
    async (running) => {
      const change = await running.get<ChangeDetailJson | RecordedChangeJson>(pathOf(id));
      const isWatched = change.kind !== null && change.startedAt !== null && change.review === null;
      if (isWatched && !options.json) verdict = await running.get<ChangeVerdictJson>(`${pathOf(id)}/verdict`);
      return change;
    },
    (change) => changeText(change, verdict),
  );
}

/** Does to a change what a person asks for. Where that is not possible now, what is possible is said. @param said  by the names of the API */
export const moveChangeCommand = (
  options: RecordOptions,
  id: string,
  move: ChangeMoveType,
  said: Readonly<Record<string, unknown>>,
): Promise<number> =>
  tellAnswer(options, (running) => running.ask<ManagedChangeJson>('POST', `${pathOf(id)}/${move}`, said), changeLine);

interface Receipt {
  readonly accepted: number;
  readonly duplicates: number;
  readonly rejected: readonly { readonly code: string; readonly detail: string }[];
}

/** Asks for a change, or tells of one where no kind is said. @param wanted  by the names of the API */
export const requestChangeCommand = (
  options: RecordOptions,
  wanted: Readonly<Record<string, unknown>> & { readonly id: string },
): Promise<number> =>
  tellAnswer(
    options,
    async (running) => {
      const receipt = await running.ask<Receipt>('POST', CHANGES, { changes: [wanted] });
      const [rejected] = receipt.rejected;
      if (rejected !== undefined) throw refusedChange(rejected);
      return receipt;
    },
    ({ duplicates }) => `${wanted.id} ${duplicates > 0 ? 'is known already' : 'is recorded'}`,
  );

const refusedChange = ({ code, detail }: Receipt['rejected'][number]): OperatorError =>
  new OperatorError(code, { what: detail, fix: 'say it as --help shows', retryable: false });
