import { type DocumentHash, documentChanges, documentHash } from '../../compliance/audit/configuration.ts';
import type { Actor } from '../../model/incident.ts';
import type { Millis } from '../../model/time.ts';
import type { Statement } from '../../store/items.ts';
import { auditEntry } from '../../store/records/audit.ts';
import { type Records, statement } from '../../store/records/records.ts';
import type { Configuration } from '../plimsoll.ts';

/** What an entry is written for when one of these is not what it was. */
export const documentsOf = ({ deployment, services, objectives }: Configuration): DocumentHash[] => [
  documentHash('Deployment', deployment.name, deployment),
  ...services.map((service) => documentHash('Service', named(service), service)),
  ...objectives.map((objective) => documentHash('Objective', objective.name, objective)),
];

/** Two services may share a name and differ in their environment. */
const named = ({ name, environment }: { name: string; environment: string | null }): string =>
  environment === null ? name : `${name}@${environment}`;

/** An entry for each document of the configuration that differs from what was in force last, and what is remembered of it. */
export async function configurationChanged(
  records: Records,
  configuration: Configuration,
  by: Actor,
  now: Millis,
): Promise<Statement[]> {
  const known = await records.selectFrom('audited_document').selectAll().execute();
  return documentChanges(known, documentsOf(configuration)).flatMap((change) => {
    const { kind, name, after } = change;
    const row = { kind, name, sha256: after ?? '' };
    return [
      auditEntry(by, 'configuration.changed', change, now),
      after === null
        ? statement(records.deleteFrom('audited_document').where('kind', '=', kind).where('name', '=', name))
        : statement(
            records
              .insertInto('audited_document')
              .values(row)
              .onConflict((conflict) => conflict.columns(['kind', 'name']).doUpdateSet({ sha256: row.sha256 })),
          ),
    ];
  });
}
