import { expect } from 'vitest';
import type { IncidentJson } from '../../src/model/incident.ts';
import type { Engine } from '../../src/store/sql.ts';
import { type Exchange, exchange, objective, service, World } from '../server/world.ts';

const MINUTE = 60_000;

export interface Minutes {
  readonly perMinute?: number;
  /** Of each minute, the first so many fail. */
  readonly failed?: number;
  /** Of each minute, the first so many take ten seconds. */
  readonly slow?: number;
  readonly more?: Partial<Exchange>;
}

/** A world of one service that is to be up and grounded. */
export const worldOfBot = (now: number, engine?: Engine): Promise<World> =>
  World.start({
    now,
    ...(engine !== undefined && { engine }),
    services: [service('bot', { evaluations: { groundedness: { pass: 0.7 } } })],
    objectives: [
      objective('up', { service: 'bot', measure: { type: 'availability' }, target: 0.99 }),
      objective('grounded', { service: 'bot', measure: { type: 'accuracy', evaluation: 'groundedness' }, target: 0.9 }),
    ],
  });

/** Traffic of one service, minute after minute, in a world whose clock it moves. */
export class Traffic {
  readonly world: World;
  readonly service: string;
  /** The beginning of the next minute, ms. */
  at: number;

  constructor(world: World, service: string, at: number) {
    this.world = world;
    this.service = service;
    this.at = at;
  }

  /** Exchanges of minutes from now on; not sent yet. */
  make(minutes: number, { perMinute = 20, failed = 0, slow = 0, more = {} }: Minutes = {}): Exchange[] {
    const made: Exchange[] = [];
    for (let i = 0; i < minutes; i++, this.at += MINUTE)
      for (let k = 0; k < perMinute; k++)
        made.push(
          exchange(this.service, this.at + 12_000 + k * Math.floor(45_000 / perMinute), {
            failed: k < failed,
            durationMs: k < slow ? 10_000 : 800,
            ...more,
          }),
        );
    return made;
  }

  /** Minutes pass and are sent in time, nothing is judged. */
  async pass(minutes: number, how: Minutes = {}): Promise<Exchange[]> {
    const made = this.make(minutes, how);
    this.world.now = Math.max(this.world.now, this.at);
    await this.world.spans(made);
    return made;
  }

  async judge(): Promise<void> {
    this.world.now = Math.max(this.world.now, this.at + 20_000);
    expect(await this.world.plimsoll.tick()).not.toBeNull();
  }

  /** Minutes pass, each judged when it is over. */
  async live(minutes: number, how: Minutes = {}): Promise<void> {
    for (let i = 0; i < minutes; i++) {
      await this.pass(1, how);
      await this.judge();
    }
  }

  /** Time without any traffic, judged minute by minute. */
  async silence(minutes: number): Promise<void> {
    for (let i = 0; i < minutes; i++) {
      this.at += MINUTE;
      await this.judge();
    }
  }
}

/** Newest first. */
export const incidentsOf = async (world: World): Promise<IncidentJson[]> =>
  (await world.get<{ incidents: IncidentJson[] }>('/incidents')).incidents;

export const verdictOf = async (world: World, objective: string): Promise<string> =>
  (await world.get<{ verdict: string }>(`/objectives/${objective}`)).verdict;
