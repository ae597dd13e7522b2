import { useState } from 'preact/hooks';
import { RECORD_FIELDS, type RecordField } from '../../../../model/service-record.ts';
import { post, type ServiceRecordJson } from '../api.ts';
import { live } from '../live.ts';
import { EXAMPLES, fieldsOf, isText, valueIn, writtenOf } from '../logic/record-form.ts';
import { useSession } from '../session.ts';
import { Outcome, refusalText } from './outcome.tsx';

/** Says one field of the record of a service, or takes it back. @param path  where it is sent to */
export function RecordForm({ path, record }: { path: string; record: ServiceRecordJson }) {
  const { recordedBy, fields, revision, environment } = record;
  const offered = fieldsOf(recordedBy.includes('file'));
  const [field, setField] = useState<RecordField>(offered[0]!);
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState<string | null>(null);
  const [error, setError] = useState<string | null>(null);
  const { data } = useSession();
  const isNamed = data?.state === 'signed_in' && data.actor?.kind === 'user';
  const send = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const written = new FormData(form);
    const textOf = (name: string): string => String(written.get(name) ?? '').trim();
    setBusy(true);
    setError(null);
    setSaid(null);
    try {
      const value = valueIn(field, textOf('value'));
      const person = isNamed ? {} : { person: textOf('person') };
      await post(path, { fields: { [field]: value }, revision, reason: textOf('reason'), environment, ...person });
      setSaid(value === null ? `${field} is taken back.` : `${field} is kept.`);
    } catch (failure) {
      setError(failure instanceof SyntaxError ? notJson(field) : refusalText(failure));
    } finally {
      setBusy(false);
      live.bump();
    }
  };
  const known = writtenOf(field, fields[field]);
  return (
    <details class="decisions">
      <summary>Say what the record has</summary>
      <form class="action-form" onSubmit={(event) => void send(event)} aria-label="Say what the record has">
        <div>
          <label for="record-field">Field</label>
          <select
            id="record-field"
            value={field}
            onChange={({ currentTarget: { value } }) => setField(RECORD_FIELDS.find((one) => one === value) ?? field)}
          >
            {offered.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </div>
        <div>
          <label for="record-value">{isText(field) ? 'What it is' : 'What it is, as JSON'}; empty takes it back</label>
          <textarea
            key={`${field} ${known}`}
            id="record-value"
            name="value"
            rows={4}
            maxLength={65_536}
            spellcheck={isText(field)}
            placeholder={writtenOf(field, EXAMPLES[field])}
            defaultValue={known}
          />
        </div>
        {!isNamed && (
          <div>
            <label for="record-person">Who says so</label>
            <input id="record-person" name="person" maxLength={256} required />
          </div>
        )}
        <div>
          <label for="record-reason">Why</label>
          <input id="record-reason" name="reason" maxLength={8192} required />
        </div>
        <div class="buttons">
          <button type="submit" class="first" disabled={busy}>
            Keep it
          </button>
        </div>
        <Outcome said={said} failure={error} />
      </form>
    </details>
  );
}

const notJson = (field: RecordField): string => `That is no JSON, like ${JSON.stringify(EXAMPLES[field])}.`;
