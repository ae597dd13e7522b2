import { withDeployment } from '../../changes/deployed.ts';
import { moveChange } from '../../changes/lifecycle.ts';
import { toldOf } from '../../changes/told.ts';
import type { ChangeRecord } from '../../model/change.ts';
import type { Actor } from '../../model/incident.ts';
import { NewChange } from '../../model/new-change.ts';
import type { Deployed } from '../../model/remote-change.ts';
import type { Statement } from '../../store/items.ts';
import { auditEntry } from '../../store/records/audit.ts';
import { readChange, rollbackId, storeChange } from '../../store/records/change-records.ts';
import {
  type DeployedRow,
  deployedBefore,
  forgetChange,
  putDeployment,
  toldState,
} from '../../store/records/deployments.ts';
import { type Settled, settleEvent } from '../../store/records/inbox.ts';
import { readSetting, writeSetting } from '../../store/records/settings.ts';
import type { ApiContext } from '../api/context.ts';
import { requested, requestStatements, storeMoved } from '../changes/desk.ts';
import { assessIn, changeFactsOf, fileOfChange } from '../changes/facts.ts';
import { labelsOf } from '../metrics/names.ts';
import type { Caller } from './callers.ts';

export type DeploymentDesk = Pick<ApiContext, 'records' | 'catalog' | 'now' | 'writeIncidents' | 'events' | 'metrics'>;

/** Longer addresses are no links. */
const LINK_MAX = 2048;
/** So many deployments of a tool are known by the order of what was told of them last. */
const REMEMBERED = 500;

/** A deployment that was told of, by the name of who told it. */
export interface ToldDeployment {
  readonly row: number;
  readonly sink: string;
  readonly by: Actor;
  readonly deployed: Deployed;
}

/** Puts what a tool tells of a deployment into the changes, and settles it, as one transaction; the caller is alone while it runs. */
export async function takeDeployment(desk: DeploymentDesk, told: ToldDeployment): Promise<Settled> {
  const { records, writeIncidents, now, events, metrics } = desk;
  const { row, sink, deployed } = told;
  const setting = `deployments of ${sink}`;
  const seen = (await readSetting<Record<string, Seen | number>>(records, setting)) ?? {};
  const known = seenOf(seen, deployed);
  const isOld = known.order >= deployed.order;
  const { statements, begins, of } = isOld ? NOTHING : await consequences(desk, told, known.of);
  const settled: Settled = statements.length === 0 ? 'nothing' : 'done';
  const next = { order: deployed.order, of: of ?? known.of };
  const order = isOld ? [] : [writeSetting(records, setting, remembered(seen, deployed.deployment, next))];
  await writeIncidents([...statements, ...order, settleEvent(records, row, settled, now())]);
  if (settled === 'done') events.send('change', {}, deployed.service);
  if (begins) metrics.live.change(labelsOf(deployed), deployed.type);
  return settled;
}

/** What is remembered of a deployment. */
interface Seen {
  /** Of what was told last. */
  readonly order: number;
  /** The change that it has begun, ended, or was noted in; null: none yet. */
  readonly of: string | null;
}

/** What was remembered first was the order alone: then it was of the change that it names. */
function seenOf(seen: Readonly<Record<string, Seen | number>>, { deployment, change }: Deployed): Seen {
  const known = Object.hasOwn(seen, deployment) ? seen[deployment]! : { order: -1, of: null };
  return typeof known === 'number' ? { order: known, of: change } : known;
}

/** With the newest at the end. */
function remembered(seen: Readonly<Record<string, Seen | number>>, deployment: string, now: Seen) {
  const { [deployment]: _, ...others } = seen;
  return Object.fromEntries([...Object.entries(others).slice(1 - REMEMBERED), [deployment, now]]);
}

interface Consequences {
  readonly statements: readonly Statement[];
  /** A change has begun by it. */
  readonly begins: boolean;
  /** The change that the deployment is of from now on; null: of none yet. */
  readonly of: string | null;
}
const NOTHING: Consequences = { statements: [], begins: false, of: null };

/** @param of  the change that the deployment is of already */
async function consequences(
  desk: DeploymentDesk,
  { sink, by, deployed }: ToldDeployment,
  of: string | null,
): Promise<Consequences> {
  const { records, catalog, now } = desk;
  const own = deploymentId(sink, deployed.deployment);
  const named = deployed.change === null ? null : await readChange(records, deployed.change);
  const isNamed = named !== null && isWhere(named, deployed) && (named.id === of || !isMade(named));
  const known = isNamed ? named : await readChange(records, own);
  if (known !== null) return ofKnown(desk, known, own, deployed, by);
  const { before, link } = await differenceOf(desk, deployed);
  const mode = fileOfChange(catalog.services, deployed)?.changes ?? 'record';
  if (mode === 'gate' && (deployed.phase === 'ordered' || deployed.phase === 'begun'))
    return { statements: await asked(desk, own, { ...deployed, before, link }, by), begins: false, of: null };
  if (deployed.phase === 'ordered') return NOTHING;
  const row = rowOf(own, { ...deployed, before });
  const { service, type, state } = row;
  const told = await toldState(records, own);
  if (told !== null && told === state) return NOTHING;
  const entry = (becomes: string): Statement =>
    told === null
      ? auditEntry(by, 'change.declared', { id: own, service, type, state: becomes }, now())
      : auditEntry(by, 'change.moved', { id: own, service, type, state: becomes, from: told }, now());
  const begins = told === null;
  if (mode === 'record' || (mode === 'gate' && deployed.phase === 'failed'))
    return { statements: [putDeployment(records, row), entry(state)], begins, of: own };
  const change = recordOf(desk, { ...row, link, phase: deployed.phase }, by);
  return {
    statements: [putDeployment(records, row), ...storeChange(records, change, true), entry(change.state)],
    begins,
    of: own,
  };
}

/** The id of the change that a deployment is, where it is not of one that somebody asked for. */
const deploymentId = (sink: string, deployment: string): string => `deployment-${sink}-${deployment}`;

/** Why nobody may give a change this id; null: anybody may. */
export function ownedId(id: string, callers: readonly Pick<Caller, 'name' | 'inbound'>[]): string | null {
  const owner = callers.find(({ name, inbound }) => inbound.deploys === true && id.startsWith(deploymentId(name, '')));
  return owner === undefined
    ? null
    : `id: ${deploymentId(owner.name, '')}… are deployments that ${owner.name} tells of`;
}

/** What it brings is out: another deployment is another change. One that failed may be tried again, as long as nobody has judged it. */
const isMade = ({ state, rolledBack, review }: ChangeRecord): boolean =>
  state === 'closed' || (state === 'review' && (!rolledBack || review !== null));

/** Whoever deploys one service does not move the changes of another, and a rehearsal in another environment is not the change. */
const isWhere = (change: Pick<ChangeRecord, 'service' | 'environment'>, { service, environment }: Deployed): boolean =>
  change.service === service &&
  (change.environment === null || environment === null || change.environment === environment);

const rowOf = (
  id: string,
  { service, environment, type, before, after, at, description, phase }: Deployed,
): DeployedRow => ({ id, service, environment, type, before, after, at, state: phase, description });

/** Of a change that somebody asked for, or that is reviewed. */
async function ofKnown(
  { records, catalog, now }: DeploymentDesk,
  known: ChangeRecord,
  own: string,
  deployed: Deployed,
  by: Actor,
): Promise<Consequences> {
  const facts = await changeFactsOf(records, catalog.services, known, deployed.at);
  const moved = withDeployment(known, deployed, by, now(), facts);
  if (moved === null) return { ...NOTHING, of: deployed.phase === 'ordered' ? null : known.id };
  const { id, state, startedAt, unapproved, before } = moved;
  const undone = known.rolledBack && !moved.rolledBack ? [forgetChange(records, rollbackId(id))] : [];
  const isUnderWay = startedAt !== null && (state === 'implement' || state === 'review');
  // What somebody approved is there as that; what was called off, and deployed all the same, is there as well.
  const told =
    unapproved && isUnderWay
      ? [putDeployment(records, { ...rowOf(id, { ...deployed, before }), at: startedAt })]
      : known.state === 'cancelled' && known.startedAt === null
        ? [putDeployment(records, rowOf(own, deployed))]
        : [];
  return {
    statements: [...undone, ...told, ...storeMoved(records, known, moved, by, now())],
    begins: known.startedAt === null && startedAt !== null,
    of: deployed.phase === 'ordered' ? null : id,
  };
}

function recordOf(
  { catalog, now }: DeploymentDesk,
  {
    at,
    phase,
    id,
    service,
    environment,
    type,
    before,
    after,
    description,
    link,
  }: Pick<ChangeRecord, 'id' | 'service' | 'environment' | 'type' | 'before' | 'after' | 'description' | 'link'> &
    Pick<Deployed, 'at' | 'phase'>,
  by: Actor,
): ChangeRecord {
  const said = { id, service, environment, type, before, after, description, link };
  const endedAt = phase === 'begun' ? null : at;
  const told = { ...said, startedAt: at, endedAt, isApproved: false };
  return { ...toldOf(told, by, now(), assessIn(catalog.services)), rolledBack: phase === 'failed' };
}

/** What it takes the place of, and where the difference is shown. */
async function differenceOf({ records }: DeploymentDesk, deployed: Deployed) {
  const before = deployed.before ?? (await deployedBefore(records, deployed));
  const compared = deployed.compare.replace('{before}', () => encodeURIComponent((before?.id ?? '').toWellFormed()));
  const link = before === null || compared.length > LINK_MAX ? deployed.link : compared;
  return { before, link };
}

/** Of a service that gates, a deployment that was ordered asks for a change: approvers are told before it goes out. */
async function asked(
  { records, catalog, now }: DeploymentDesk,
  id: string,
  { service, environment, type, before, after, description, link }: Deployed,
  by: Actor,
): Promise<Statement[]> {
  const at = now();
  const wanted = NewChange.parse({
    id,
    service,
    type,
    kind: 'normal',
    after,
    link,
    ...(environment !== null && { environment }),
    ...(before !== null && { before }),
    ...(description !== null && { description }),
  });
  const change = requested(id, wanted, by, at);
  const moved = moveChange(
    change,
    { type: 'submit' },
    by,
    at,
    await changeFactsOf(records, catalog.services, change, at),
  );
  if (moved.refused !== null) return requestStatements(records, change, at);
  return [...requestStatements(records, change, at), ...storeMoved(records, change, moved.change, by, at)];
}
