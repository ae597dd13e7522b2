import type { Incident } from '../../model/incident.ts';
import { VERDICTS, type Verdict } from '../../objectives/reading.ts';
import { SEVERITIES, severityOf } from './names.ts';
import type { Says } from './series-table.ts';

/**
 * Everything of one deployment, counted where it is known: the page of the fleet asks for nine numbers, and Prometheus would make them of
 * nine series for each objective and service every time.
 */
export class Fleet {
  readonly #verdicts = new Map<Verdict, number>(VERDICTS.map((verdict) => [verdict, 0]));
  readonly #incidents = new Map<string, number>(SEVERITIES.map((severity) => [severity, 0]));

  verdict(verdict: Verdict): void {
    this.#verdicts.set(verdict, this.#verdicts.get(verdict)! + 1);
  }

  /** One that is not resolved. */
  incident(incident: Incident): void {
    const severity = severityOf(incident);
    this.#incidents.set(severity, this.#incidents.get(severity)! + 1);
  }

  /** Zeros included: what is absent is not known. */
  show(says: Says, deployment: string): void {
    for (const [verdict, n] of this.#verdicts) says.set('plimsoll_fleet_objectives', { deployment, verdict }, n);
    for (const [severity, n] of this.#incidents) says.set('plimsoll_fleet_incidents_open', { deployment, severity }, n);
  }
}
