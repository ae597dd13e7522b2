import { useEffect, useState } from 'preact/hooks';

/** `live`: told at once. `polling`: asks by itself. */
export type Liveness = 'live' | 'polling';

const POLL_MS = 15_000;
/** Events that come in one burst are answered by one asking. */
const GATHER_MS = 150;

/** Counts up whenever something may be new: whoever shows data asks again then. */
class Live {
  version = 0;
  liveness: Liveness = 'polling';
  readonly #listeners = new Set<() => void>();
  #gathering = false;
  #events: EventSource | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor() {
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden && this.#events !== null) this.bump();
    });
  }

  /** Once somebody is there whom the server answers. */
  start(): void {
    if (this.#events !== null) return;
    const events = new EventSource('/api/v1/events');
    events.onopen = () => this.#set('live');
    events.onerror = () => this.#set('polling');
    for (const name of ['tick', 'incident', 'problem', 'change']) events.addEventListener(name, () => this.#gather());
    this.#events = events;
    this.#timer = setInterval(() => {
      if (this.liveness === 'polling' && !document.hidden) this.bump();
    }, POLL_MS);
  }

  stop(): void {
    this.#events?.close();
    this.#events = null;
    clearInterval(this.#timer);
    this.liveness = 'polling';
  }

  bump(): void {
    this.version++;
    this.#tell();
  }

  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** After the line was broken there may be news that nobody told. */
  #set(liveness: Liveness): void {
    if (this.liveness === liveness) return;
    this.liveness = liveness;
    if (liveness === 'live') this.version++;
    this.#tell();
  }

  #gather(): void {
    if (this.#gathering) return;
    this.#gathering = true;
    setTimeout(() => {
      this.#gathering = false;
      this.bump();
    }, GATHER_MS);
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

export const live = new Live();

export function useLiveness(): Liveness {
  const [liveness, setLiveness] = useState(live.liveness);
  useEffect(() => {
    const update = (): void => setLiveness(live.liveness);
    update();
    return live.listen(update);
  }, []);
  return liveness;
}
