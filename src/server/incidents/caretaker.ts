import type { Written } from '../../incidents/book.ts';
import { opened, tended } from '../../incidents/care.ts';
import { followTimers, readTimer } from '../../incidents/timers.ts';
import type { Incident } from '../../model/incident.ts';
import type { IncidentTimer, TimerReading } from '../../model/incident-timer.ts';
import type { Millis } from '../../model/time.ts';
import { openCall, readAcceptances } from '../../store/records/acceptances.ts';
import type { Records } from '../../store/records/records.ts';
import type { Configuration } from '../plimsoll.ts';
import { type ConfiguredCare, careRulesOf } from './care-rules.ts';

export interface CaretakerOptions {
  readonly records: Records;
  readonly configuration: () => Configuration;
}

/** Sees to it that incidents are taken up and end in time, by the rules of the configuration in force. */
export class Caretaker {
  readonly #options: CaretakerOptions;
  #made: { readonly of: Configuration; readonly rules: ConfiguredCare } | null = null;
  /** Rules that all incidents were held against. */
  #applied: ConfiguredCare | null = null;

  constructor(options: CaretakerOptions) {
    this.#options = options;
  }

  get #rules(): ConfiguredCare {
    const of = this.#options.configuration();
    if (this.#made?.of !== of) this.#made = { of, rules: careRulesOf(of.deployment, of.services) };
    return this.#made.rules;
  }

  /** An incident that was just opened, with its timers and its escalation begun. */
  opened(written: Written, now: Millis): Written {
    return opened(written, this.#rules, now);
  }

  /** What time has made of incidents since they were looked at last, in their order. */
  async tend(incidents: readonly Incident[], now: Millis): Promise<Written[]> {
    const rules = this.#rules;
    const isOtherwise = rules !== this.#applied;
    const waiting = incidents.filter((incident) => openCall(incident) !== null);
    const accepted = waiting.length === 0 ? null : await readAcceptances(this.#options.records, waiting);
    const written = incidents.flatMap((incident) =>
      tended(incident, rules, accepted?.get(incident.id) ?? null, now, isOtherwise),
    );
    this.#applied = rules;
    return written;
  }

  /** What was found last was not stored: it is found anew. */
  forget(): void {
    this.#applied = null;
  }

  /** The timers of an incident as they read now, also between two ticks. */
  timersOf(incident: Incident, now: Millis): (IncidentTimer & TimerReading)[] {
    const rules = this.#rules;
    const { timers } = followTimers(incident, rules.targetsOf(incident), now);
    return timers.list.map((timer) => ({
      ...timer,
      ...readTimer(timer, incident.timeline, rules.hoursNamed(timer.schedule), now),
    }));
  }
}
