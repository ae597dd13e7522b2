import { useState } from 'preact/hooks';
import { MATCHER_OPERATORS, SILENCE_LABELS } from '../../../../model/silence.ts';
import { post } from '../api.ts';
import { live } from '../live.ts';
import { filledRows, firstRows, type MatcherRow, SILENCE_LENGTHS } from '../logic/silence.ts';
import { Outcome, refusalText } from './outcome.tsx';

/** Whom not to tell of what, for how long, and why. @param incident  the one that it is to be about; null: none in particular */
export function SilenceForm({ incident }: { incident: string | null }) {
  const [rows, setRows] = useState<readonly MatcherRow[]>(() => firstRows(incident));
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState<string | null>(null);
  const [error, setError] = useState<string | null>(null);
  const send = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const data = new FormData(form);
    const matchers = filledRows(rows);
    setSaid(null);
    if (matchers === null) return setError('Say what the silence is about: a value for one label at least.');
    setBusy(true);
    setError(null);
    try {
      const endsAt = new Date(Date.now() + Number(data.get('length'))).toISOString();
      const made = await post<{ id: string }>('/silences', { matchers, endsAt, comment: String(data.get('comment')) });
      setSaid(`${made.id} has begun.`);
      setRows(firstRows(null));
      form.reset();
    } catch (failure) {
      setError(refusalText(failure));
    } finally {
      setBusy(false);
      live.bump();
    }
  };
  const change = (at: number, part: Partial<MatcherRow>): void =>
    setRows(rows.map((row, i) => (i === at ? { ...row, ...part } : row)));
  return (
    <form class="action-form silence-form" onSubmit={(event) => void send(event)} aria-labelledby="new-silence">
      <h2 id="new-silence">Do not tell pages and chats of</h2>
      <p class="terms" id="matcher-help">
        All of these have to fit an incident. = and != compare the whole value, =~ and !~ take a regular expression,
        like P[45] of a priority. What is left empty does not count.
      </p>
      {rows.map((row, at) => (
        <fieldset key={at} class="matcher" aria-describedby="matcher-help">
          <legend class="unseen">Matcher {at + 1}</legend>
          <select
            aria-label="Label"
            value={row.label}
            onChange={(event) => change(at, { label: event.currentTarget.value })}
          >
            {SILENCE_LABELS.map((label) => (
              <option key={label}>{label}</option>
            ))}
          </select>
          <select
            aria-label="Operator"
            value={row.operator}
            onChange={(event) => change(at, { operator: event.currentTarget.value })}
          >
            {MATCHER_OPERATORS.map((operator) => (
              <option key={operator}>{operator}</option>
            ))}
          </select>
          <input
            aria-label="Value"
            value={row.value}
            maxLength={256}
            spellcheck={false}
            onInput={(event) => change(at, { value: event.currentTarget.value })}
          />
        </fieldset>
      ))}
      <button type="button" onClick={() => setRows([...rows, { label: 'priority', operator: '=~', value: '' }])}>
        And also
      </button>
      <label for="length">For</label>
      <select id="length" name="length">
        {SILENCE_LENGTHS.map(({ text, ms }) => (
          <option key={ms} value={ms}>
            {text}
          </option>
        ))}
      </select>
      <label for="comment">Why</label>
      <input id="comment" name="comment" maxLength={1024} required />
      <button type="submit" class="first" disabled={busy}>
        Silence
      </button>
      <Outcome said={said} failure={error} />
    </form>
  );
}
