interface PostedAlert {
  readonly labels: Record<string, string>;
  readonly annotations?: Record<string, string>;
  readonly startsAt?: string;
  readonly endsAt?: string;
}

export interface HeldAlert {
  readonly labels: Record<string, string>;
  readonly annotations: Record<string, string>;
  startsAt: number;
  endsAt: number;
}

/**
 * What Alertmanager 0.34's `POST /api/v2/alerts` does with alerts: empty labels are dropped, the whole label set is the
 * identity, the earliest start and the newest end count, an end before its start is refused while the rest is stored.
 */
export class AlertmanagerModel {
  readonly held = new Map<string, HeldAlert>();

  /** @returns the HTTP status */
  post(body: string, now: number): 200 | 400 {
    let status: 200 | 400 = 200;
    for (const alert of JSON.parse(body) as PostedAlert[]) {
      const labels = Object.fromEntries(Object.entries(alert.labels).filter(([, value]) => value !== ''));
      const startsAt = alert.startsAt === undefined ? now : Date.parse(alert.startsAt);
      const endsAt = alert.endsAt === undefined ? now + 300_000 : Date.parse(alert.endsAt);
      if (Object.keys(labels).length === 0 || Number.isNaN(startsAt) || Number.isNaN(endsAt) || endsAt < startsAt) {
        status = 400;
        continue;
      }
      const fingerprint = JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
      const before = this.held.get(fingerprint);
      this.held.set(fingerprint, {
        labels,
        annotations: alert.annotations ?? {},
        // A new firing after an end is a new alert.
        startsAt: before !== undefined && before.endsAt > startsAt ? Math.min(before.startsAt, startsAt) : startsAt,
        endsAt,
      });
    }
    return status;
  }

  firing(now: number): HeldAlert[] {
    return [...this.held.values()].filter((alert) => alert.endsAt > now);
  }
}
