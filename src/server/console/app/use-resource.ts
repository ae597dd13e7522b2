import { useEffect, useState } from 'preact/hooks';
import { get } from './api.ts';
import { useLive } from './live.ts';

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
  const { version } = useLive();
  const [state, setState] = useState<{ path: string | null; error: Error | null; at: number }>({
    path,
    error: null,
    at: 0,
  });
  useEffect(() => {
    if (path === null) return;
    const abort = new AbortController();
    get<T>(path, abort.signal).then(
      (data) => {
        remember(path, data);
        setState((before) => ({ path, error: null, at: before.at + 1 }));
      },
      (error) => {
        if (!abort.signal.aborted) setState((before) => ({ path, error, at: before.at + 1 }));
      },
    );
    return () => abort.abort();
  }, [path, version]);
  return {
    data: path === null ? null : ((seen.get(path) as T | undefined) ?? null),
    error: state.path === path ? state.error : null,
  };
}
