import type { Deployment } from '../../model/config/deployment.ts';
import { OperatorError } from '../../model/errors.ts';

/**
 * What of a deployment takes effect while it runs, and what only a start can change. A new key has to be put in one of the
 * two; `fixed` are those that a door, the store or records of before are made of.
 */
const WHEN: Readonly<Record<keyof Deployment, 'running' | 'fixed'>> = {
  name: 'fixed',
  auth: 'fixed',
  audit: 'fixed',
  history: 'fixed',
  otlpMetrics: 'fixed',
  displayName: 'running',
  listen: 'running',
  store: 'fixed',
  services: 'running',
  falseIncidents: 'running',
  judge: 'running',
  sinks: 'running',
  hooks: 'running',
  schedules: 'running',
  incidentTargets: 'running',
  escalationPolicies: 'running',
  limits: 'fixed',
  egress: 'running',
  retention: 'running',
  prices: 'running',
  modelRetirements: 'running',
  content: 'running',
  cmdb: 'running',
  consoleUrl: 'running',
};

const LISTEN: Readonly<Record<keyof Deployment['listen'], 'running' | 'fixed'>> = {
  http: 'fixed',
  otlpHttp: 'fixed',
  otlpGrpc: 'fixed',
  tls: 'fixed',
  hosts: 'running',
  trustNetwork: 'fixed',
  cors: 'running',
};

/** The key in the file. */
const keyOf = (key: keyof Deployment): string =>
  key === 'name' || key === 'displayName' ? `metadata.${key}` : key === 'store' ? 'spec.store.url' : `spec.${key}`;

const differs = (a: unknown, b: unknown): boolean => JSON.stringify(a) !== JSON.stringify(b);

/** Keys that differ and can't while it runs, as they stand in the file. */
export function fixedKeys(before: Deployment, after: Deployment): string[] {
  const keys = (Object.keys(WHEN) as (keyof Deployment)[]).filter(
    (key) => WHEN[key] === 'fixed' && differs(before[key], after[key]),
  );
  const doors = (Object.keys(LISTEN) as (keyof Deployment['listen'])[]).filter(
    (key) => LISTEN[key] === 'fixed' && differs(before.listen[key], after.listen[key]),
  );
  return [...keys.map(keyOf), ...doors.map((key) => `spec.listen.${key}`)];
}

/** @throws OperatorError when the other deployment needs a start */
export function checkFixed(before: Deployment, after: Deployment): void {
  const keys = fixedKeys(before, after);
  if (keys.length === 0) return;
  throw new OperatorError('PLIM_RELOAD_FIXED', {
    what: `${keys.join(', ')} can't be changed while Plimsoll runs`,
    fix: `put ${keys.length === 1 ? 'it' : 'them'} back, or start Plimsoll again: until then nothing of the changed files is in force`,
    retryable: false,
  });
}
