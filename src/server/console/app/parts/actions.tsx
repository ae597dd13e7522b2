import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { CLOSE_CODES, HOLD_REASONS } from '../../../../model/incident.ts';
import { type IncidentDetailJson, post, Refused } from '../api.ts';
import { live } from '../live.ts';
import { wordsOf } from '../logic/format.ts';
import { placeOfSilencing } from '../logic/places.ts';
import { Link } from '../router.tsx';
import { useSession } from '../session.ts';

interface Field {
  readonly name: string;
  readonly label: string;
  readonly type: 'text' | 'lines' | readonly string[];
}
interface Action {
  readonly label: string;
  readonly fields: readonly Field[];
}

/** What people do to an incident, and what has to be said with it. */
const ACTIONS: Readonly<Record<string, Action>> = {
  acknowledge: { label: 'Acknowledge', fields: [] },
  note: { label: 'Add a note', fields: [{ name: 'text', label: 'Note', type: 'lines' }] },
  assign: { label: 'Assign', fields: [{ name: 'to', label: 'To whom', type: 'text' }] },
  hold: { label: 'Put on hold', fields: [{ name: 'reason', label: 'What is awaited', type: HOLD_REASONS }] },
  resume: { label: 'Take up again', fields: [] },
  resolve: {
    label: 'Resolve',
    fields: [
      { name: 'code', label: 'How', type: CLOSE_CODES.filter((code) => code !== 'recovered_automatically') },
      { name: 'notes', label: 'What was done', type: 'lines' },
    ],
  },
  reopen: { label: 'Reopen', fields: [{ name: 'reason', label: 'Why', type: 'lines' }] },
  close: { label: 'Close', fields: [] },
  cancel: { label: 'Cancel: no incident', fields: [{ name: 'reason', label: 'Why it is none', type: 'lines' }] },
};
const USUAL: Readonly<Record<string, string>> = { code: 'solution_provided' };

export function Actions({ incident }: { incident: IncidentDetailJson }) {
  const [chosen, setChosen] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState<string | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const act = async (move: string, body: Record<string, string>): Promise<void> => {
    setBusy(true);
    setError(null);
    setSaid(null);
    try {
      await post(`/incidents/${encodeURIComponent(incident.id)}/${move}`, body);
      setChosen(null);
      setSaid(`Done: ${ACTIONS[move]!.label.toLowerCase()}.`);
    } catch (failure) {
      setError(failure as Error);
    } finally {
      setBusy(false);
      live.bump();
    }
  };
  const offered = Object.keys(ACTIONS).filter(
    (move) => incident.moves.includes(move) && !(move === 'acknowledge' && incident.ackedAt !== null),
  );
  const mayRespond = useSession().data?.permissions.includes('respond') === true;
  return (
    <section class="actions" aria-labelledby="actions">
      <h2 id="actions">Actions</h2>
      {offered.length === 0 && !mayRespond && (
        <p class="terms">What is done to incidents is for responders. You may look.</p>
      )}
      <div class="buttons">
        {offered.map((move) => {
          const { label, fields } = ACTIONS[move]!;
          return (
            <button
              key={move}
              type="button"
              disabled={busy}
              class={move === offered[0] ? 'first' : ''}
              aria-expanded={fields.length === 0 ? undefined : chosen === move}
              onClick={() => (fields.length === 0 ? void act(move, {}) : setChosen(chosen === move ? null : move))}
            >
              {label}
            </button>
          );
        })}
      </div>
      {mayRespond && incident.resolvedAt === null && incident.state !== 'cancelled' && (
        <p class="terms">
          <Link to={placeOfSilencing(incident.id)}>Silence it for a while</Link>
        </p>
      )}
      {chosen !== null && incident.moves.includes(chosen) && (
        <ActionForm
          key={chosen}
          action={ACTIONS[chosen]!}
          busy={busy}
          onSend={(body) => void act(chosen, body)}
          onLeave={() => setChosen(null)}
        />
      )}
      <p role="status" class="said">
        {said}
      </p>
      {error !== null && (
        <div class="notice failure" role="alert">
          <p>
            {error instanceof Refused ? error.message : 'The server does not answer: nothing was changed, try again.'}
          </p>
          {error instanceof Refused && error.legal.length > 0 && (
            <p>Possible now: {error.legal.map((move) => ACTIONS[move]?.label ?? wordsOf(move)).join(', ')}.</p>
          )}
        </div>
      )}
    </section>
  );
}

interface ActionFormProps {
  readonly action: Action;
  readonly busy: boolean;
  readonly onSend: (body: Record<string, string>) => void;
  readonly onLeave: () => void;
}

function ActionForm({ action, busy, onSend, onLeave }: ActionFormProps) {
  const send = (event: SubmitEvent): void => {
    event.preventDefault();
    const data = new FormData(event.currentTarget as HTMLFormElement);
    onSend(Object.fromEntries(action.fields.map(({ name }) => [name, String(data.get(name) ?? '').trim()])));
  };
  const form = useRef<HTMLFormElement>(null);
  useLayoutEffect(() => form.current?.querySelector<HTMLElement>('textarea, input, select')?.focus(), []);
  return (
    <form ref={form} onSubmit={send} class="action-form" aria-label={action.label}>
      {action.fields.map((field) => (
        <div key={field.name}>
          <label for={`field-${field.name}`}>{field.label}</label>
          <Input field={field} />
        </div>
      ))}
      <div class="buttons">
        <button type="submit" class="first" disabled={busy}>
          {action.label}
        </button>
        <button type="button" onClick={onLeave}>
          Leave it
        </button>
      </div>
    </form>
  );
}

function Input({ field }: { field: Field }) {
  const id = `field-${field.name}`;
  if (field.type === 'lines') return <textarea id={id} name={field.name} rows={3} maxLength={8192} required />;
  if (field.type === 'text') return <input id={id} name={field.name} maxLength={256} required />;
  return (
    <select id={id} name={field.name} required>
      {field.type.map((value) => (
        <option key={value} value={value} selected={value === USUAL[field.name]}>
          {wordsOf(value)}
        </option>
      ))}
    </select>
  );
}
