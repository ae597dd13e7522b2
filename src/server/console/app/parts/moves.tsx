import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { post, Refused } from '../api.ts';
import { live } from '../live.ts';
import { type Action, bodyOf, type Field, USUAL } from '../logic/actions.ts';
import { wordsOf } from '../logic/format.ts';
import { useSession } from '../session.ts';
import { Outcome, refusalText } from './outcome.tsx';

interface MovesProps {
  /** Where a move is sent to, before its name. */
  readonly path: string;
  readonly actions: Readonly<Record<string, Action>>;
  /** Names of those that are possible now, in the order of their buttons. */
  readonly offered: readonly string[];
  /** What is said where none is. */
  readonly none?: string | null;
  /** What is sent with each of them. */
  readonly also?: object;
  readonly children?: ComponentChildren;
}

/** What people may do to a record now: a button for each, and a form where something has to be said with it. */
export function Moves({ path, actions, offered, none = null, also = {}, children }: MovesProps) {
  const [chosen, setChosen] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState<string | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const { data } = useSession();
  const isNamed = data?.state === 'signed_in' && data.actor?.kind === 'user';
  const act = async (move: string, body: object): Promise<void> => {
    setBusy(true);
    setError(null);
    setSaid(null);
    try {
      await post(`${path}/${move}`, { ...also, ...body });
      setChosen(null);
      setSaid(`Done: ${actions[move]!.label.toLowerCase()}.`);
    } catch (failure) {
      setError(failure as Error);
    } finally {
      setBusy(false);
      live.bump();
    }
  };
  const button = (move: string) => {
    const { label, fields } = actions[move]!;
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
  };
  const decisions = offered.filter((move) => actions[move]!.isDecision === true);
  return (
    <section class="actions" aria-labelledby="actions">
      <h2 id="actions">Actions</h2>
      {offered.length === 0 && none !== null && <p class="terms">{none}</p>}
      <div class="buttons">{offered.filter((move) => !decisions.includes(move)).map(button)}</div>
      {decisions.length > 0 && (
        <details class="decisions">
          <summary>Priority, category, harm</summary>
          <div class="buttons">{decisions.map(button)}</div>
        </details>
      )}
      {chosen !== null && offered.includes(chosen) && (
        <ActionForm
          key={chosen}
          action={actions[chosen]!}
          busy={busy}
          isNamed={isNamed}
          onSend={(body) => void act(chosen, body)}
          onLeave={() => setChosen(null)}
        />
      )}
      <Outcome said={said} failure={error && refusalText(error)}>
        {error instanceof Refused && error.legal.length > 0 && (
          <p>Possible now: {error.legal.map((move) => actions[move]?.label ?? wordsOf(move)).join(', ')}.</p>
        )}
      </Outcome>
      {children}
    </section>
  );
}

interface ActionFormProps {
  readonly action: Action;
  readonly busy: boolean;
  /** Somebody has signed in: nobody has to be named. */
  readonly isNamed: boolean;
  readonly onSend: (body: object) => void;
  readonly onLeave: () => void;
}

function ActionForm({ action, busy, isNamed, onSend, onLeave }: ActionFormProps) {
  const send = (event: SubmitEvent): void => {
    event.preventDefault();
    const data = new FormData(event.currentTarget as HTMLFormElement);
    const said = Object.fromEntries([...data].map(([name, value]) => [name, String(value)]));
    onSend(bodyOf(action, said, isNamed));
  };
  const form = useRef<HTMLFormElement>(null);
  useLayoutEffect(() => form.current?.querySelector<HTMLElement>('textarea, input, select')?.focus(), []);
  return (
    <form ref={form} onSubmit={send} class="action-form" aria-label={action.label}>
      {action.fields
        .filter(({ type }) => type !== 'person' || !isNamed)
        .map((field) => (
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

function Input({ field: { name, type, isOptional } }: { field: Field }) {
  const id = `field-${name}`;
  const required = isOptional !== true;
  if (type === 'lines') return <textarea id={id} name={name} rows={3} maxLength={8192} required={required} />;
  if (type === 'moment') return <input id={id} name={name} type="datetime-local" required={required} />;
  if (type === 'text' || type === 'person') return <input id={id} name={name} maxLength={256} required={required} />;
  return (
    <select id={id} name={name} required={required}>
      {type.map(({ value, text }) => (
        <option key={value} value={value} selected={value === USUAL[name]}>
          {text}
        </option>
      ))}
    </select>
  );
}
