import { plainText } from '../../../../model/plain-text.ts';
import type { ServiceRecordJson } from '../api.ts';
import { wordsOf } from '../logic/format.ts';
import { RECORD_ACTIONS } from '../logic/record-actions.ts';
import { useResource } from '../use-resource.ts';
import { Fact } from './fact.tsx';
import { Moves } from './moves.tsx';
import { RecordForm } from './record-form.tsx';
import { Moment } from './time.tsx';

/** Steps that are shown, the newest first. */
const SHOWN = 5;
const SOURCES = { file: 'a file', api: 'the API' } as const;

/** Where the record of a service comes from, by when it is to be confirmed, and what was done to it. @param path  of the record */
export function ServiceRecord({ path, moves }: { path: string; moves: string }) {
  const { data } = useResource<ServiceRecordJson>(path);
  if (data === null) return null;
  const { recordedBy, confirmed, confirmDue, history, mayChange, environment, revision } = data;
  const isKnown = recordedBy.length > 0 || revision > 0;
  // What telemetry alone knows may be registered by whoever answers for it.
  if (!isKnown && !mayChange) return null;
  return (
    <section aria-labelledby="record">
      <h2 id="record">Record</h2>
      <dl class="facts">
        <Fact name="Comes from">{recordedBy.map((source) => SOURCES[source]).join(' and ') || 'telemetry'}</Fact>
        <Fact name="Confirmed">
          {confirmed === null ? 'never' : `by ${plainText(confirmed.by, 60)} on ${confirmed.at}`}
        </Fact>
        <Fact name="To be confirmed by">{confirmDue === null ? null : confirmDue.slice(0, 10)}</Fact>
      </dl>
      {history.length > 0 && (
        <ul class="record-history">
          {history
            .toReversed()
            .slice(0, SHOWN)
            .map(({ at, by, event, fields, reason }, ago) => (
              <li key={revision - ago}>
                <Moment at={at} /> {wordsOf(event)}
                {fields.length > 0 && `: ${fields.join(', ')}`} by {plainText(by.name ?? by.id, 60)}
                {reason !== null && <> ({plainText(reason, 200)})</>}
              </li>
            ))}
        </ul>
      )}
      <Moves
        path={moves}
        actions={RECORD_ACTIONS}
        offered={mayChange && isKnown ? ['confirm'] : []}
        none={mayChange ? null : 'Records are said and confirmed by approvers. You may look.'}
        also={{ environment }}
      >
        {mayChange && <RecordForm path={`${moves}/record`} record={data} />}
      </Moves>
    </section>
  );
}
