/** Numbers one behind the other, in memory that stays: what is filled anew for each group leaves nothing to be collected. */
export class NumberList {
  #numbers = new Float64Array(1 << 10);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** @returns its place */
  push(number: number): number {
    if (this.#length === this.#numbers.length) this.#grow();
    this.#numbers[this.#length] = number;
    return this.#length++;
  }

  at(place: number): number {
    return this.#numbers[place]!;
  }

  set(place: number, number: number): void {
    this.#numbers[place] = number;
  }

  clear(): void {
    this.#length = 0;
  }

  #grow(): void {
    const numbers = new Float64Array(this.#numbers.length * 2);
    numbers.set(this.#numbers);
    this.#numbers = numbers;
  }
}
