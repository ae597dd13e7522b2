import { useState } from 'preact/hooks';
import { type ProblemDetailJson, post, Refused } from '../api.ts';
import { live } from '../live.ts';
import { PROBLEM_ACTIONS } from '../logic/problem-actions.ts';
import { ActionForm } from './actions.tsx';

/** What whoever looks may do to a problem now. */
export function ProblemActions({ problem: { id, moves } }: { problem: ProblemDetailJson }) {
  const [chosen, setChosen] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const act = async (move: string, body: object): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      await post(`/problems/${encodeURIComponent(id)}/${move}`, body);
      setChosen(null);
    } catch (failure) {
      setError(failure as Error);
    } finally {
      setBusy(false);
      live.bump();
    }
  };
  const offered = Object.keys(PROBLEM_ACTIONS).filter((move) => moves.includes(move));
  return (
    <section class="actions" aria-labelledby="actions">
      <h2 id="actions">Actions</h2>
      {offered.length === 0 && <p class="terms">What is done to problems is for responders. You may look.</p>}
      <div class="buttons">
        {offered.map((move, index) => {
          const { label, fields } = PROBLEM_ACTIONS[move]!;
          return (
            <button
              key={move}
              type="button"
              disabled={busy}
              class={index === 0 ? 'first' : ''}
              aria-expanded={fields.length === 0 ? undefined : chosen === move}
              onClick={() => (fields.length === 0 ? void act(move, {}) : setChosen(chosen === move ? null : move))}
            >
              {label}
            </button>
          );
        })}
      </div>
      {chosen !== null && moves.includes(chosen) && (
        <ActionForm
          key={chosen}
          action={PROBLEM_ACTIONS[chosen]!}
          busy={busy}
          isNamed={true}
          onSend={(body) => void act(chosen, body)}
          onLeave={() => setChosen(null)}
        />
      )}
      {error !== null && (
        <p class="notice failure" role="alert">
          {error instanceof Refused ? error.message : 'The server does not answer: nothing was changed, try again.'}
        </p>
      )}
    </section>
  );
}
