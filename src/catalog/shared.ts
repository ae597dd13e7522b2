/**
 * What objectives have in common is the same object for all of them: thousands of equal tables, each read once a minute, would be
 * fetched from memory one by one.
 */
export class Shared {
  readonly #known = new Map<string, unknown>();

  /** @param of  all that it is made from */
  get<T>(of: readonly unknown[], make: () => T): T {
    const key = JSON.stringify(of);
    const known = this.#known.get(key) as T | undefined;
    if (known !== undefined) return known;
    const made = make();
    this.#known.set(key, made);
    return made;
  }
}
