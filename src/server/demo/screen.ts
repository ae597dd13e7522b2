import type { DemoObjective } from './plimsoll-api.ts';

const WIDTH = 24;

/** What the demo says: to a person on a terminal, line by line elsewhere; nothing but errors when a machine reads. */
export class Screen {
  readonly #out: NodeJS.WriteStream;
  readonly #isQuiet: boolean;
  #hasDrawn = false;
  #lastPlain = 0;

  /** @param isQuiet  only errors are said */
  constructor(out: NodeJS.WriteStream, isQuiet: boolean) {
    this.#out = out;
    this.#isQuiet = isQuiet;
  }

  say(text = ''): void {
    if (this.#isQuiet) return;
    this.#clear();
    this.#out.write(`${text}\n`);
  }

  /** Something that happened, with its time. */
  tell(text: string): void {
    this.say(`${this.#strong(new Date().toTimeString().slice(0, 8))}  ${text}`);
  }

  /** A line that is drawn over by the next; every 15 s a line of its own where nothing can be drawn over. */
  draw(text: string): void {
    if (this.#isQuiet) return;
    if (!this.#out.isTTY) {
      if (performance.now() - this.#lastPlain < 15_000 && this.#lastPlain > 0) return;
      this.#lastPlain = performance.now();
      this.#out.write(`${text}\n`);
      return;
    }
    this.#clear();
    this.#out.write(text.slice(0, (this.#out.columns ?? 100) - 1));
    this.#hasDrawn = true;
  }

  heading(text: string): void {
    this.say(this.#strong(text));
  }

  #strong(text: string): string {
    return this.#out.isTTY ? `\u001b[1m${text}\u001b[0m` : text;
  }

  #clear(): void {
    if (this.#hasDrawn) this.#out.write('\r\u001b[2K');
    this.#hasDrawn = false;
  }
}

export const bar = (share: number, width = WIDTH): string => {
  const filled = Math.round(Math.min(1, Math.max(0, share)) * width);
  return `${'#'.repeat(filled)}${'.'.repeat(width - filled)} ${String(Math.floor(Math.min(1, share) * 100)).padStart(3)} %`;
};

/** How near each promise about the answers is to an alarm, and what the users said meanwhile: a full bar is an alarm. */
export function evidenceLine(objectives: readonly DemoObjective[], recent: { rated: number; down: number }): string {
  const bars = objectives
    .filter(({ name }) => /-(groundedness|satisfaction)$/.test(name))
    .map(({ name, detector }) => `${name.split('-').at(-1)} [${bar(detector?.evidence ?? 0, 12)}]`);
  const thumbs = recent.rated === 0 ? '' : `  ${recent.down} of ${recent.rated} thumbs down`;
  return `evidence: ${bars.join('  ')}${thumbs}`;
}
