import { useEffect, useState } from 'preact/hooks';
import { get } from './api.ts';
import { live } from './live.ts';

export interface Resource<T> {
  /** What was known last; null before the first answer. */
  readonly data: T | null;
  /** Of the last asking; what was known before is still shown beside it. */
  readonly error: Error | null;
}

/** Answers that were seen: going back shows them at once, and asks again. */
const seen = new Map<string, unknown>();
const SEEN_MAX = 50;

function remember(path: string, data: unknown): void {
  seen.delete(path);
  seen.set(path, data);
  if (seen.size > SEEN_MAX) seen.delete(seen.keys().next().value!);
}

/** What the API says at an address, kept up to date. */
export function useResource<T>(path: string | null): Resource<T> {
  const [answer, setAnswer] = useState<{ path: string | null; error: Error | null }>({ path, error: null });
  useEffect(() => (path === null ? undefined : keepAsking(path, (error) => setAnswer({ path, error }))), [path]);
  return {
    data: path === null ? null : ((seen.get(path) as T | undefined) ?? null),
    error: answer.path === path ? answer.error : null,
  };
}

/** Asks now and whenever there may be news. News that come while it waits are asked for after the answer: it is never starved. */
function keepAsking(path: string, onAnswer: (error: Error | null) => void): () => void {
  const abort = new AbortController();
  let version = -1;
  let isAsking = false;
  const ask = async (): Promise<void> => {
    if (isAsking) return;
    isAsking = true;
    while (version !== live.version && !abort.signal.aborted) {
      version = live.version;
      try {
        remember(path, await get(path, abort.signal));
        onAnswer(null);
      } catch (error) {
        if (!abort.signal.aborted) onAnswer(error as Error);
      }
    }
    isAsking = false;
  };
  void ask();
  const stopListening = live.listen(() => void ask());
  return () => {
    abort.abort();
    stopListening();
  };
}
