import type { DeploymentJson, IncidentJson, ServiceJson } from '../api.ts';
import { riskClassText } from '../logic/format.ts';
import { placeOfService } from '../logic/places.ts';
import { fleetSentence, tallyText } from '../logic/sentence.ts';
import { worstFirst, worstPromiseFirst } from '../logic/verdict.ts';
import { FindingsList } from '../parts/findings.tsx';
import { IncidentLine } from '../parts/incident-line.tsx';
import { LoadScale } from '../parts/load-line.tsx';
import { Failure, Waiting } from '../parts/notice.tsx';
import { PromiseRow } from '../parts/promise-row.tsx';
import { Moment } from '../parts/time.tsx';
import { Link, useTitle } from '../router.tsx';
import { useResource } from '../use-resource.ts';
import { EmptyFleet } from './empty-fleet.tsx';

/** All services, the worst first; above them what is open. */
export function FleetPage() {
  useTitle('Fleet');
  const services = useResource<{ services: ServiceJson[] }>('/services');
  const incidents = useResource<{ incidents: IncidentJson[] }>('/incidents?state=open');
  const deployment = useResource<DeploymentJson>('/deployment').data;
  if (services.data === null)
    return (
      <div class="page">
        {services.error === null ? <Waiting what="the fleet" /> : <Failure error={services.error} what="The fleet" />}
      </div>
    );
  const fleet = worstFirst(services.data.services);
  const objectives = fleet.flatMap((one) => one.objectives);
  if (fleet.length === 0)
    return (
      <EmptyFleet otlpHttp={deployment?.otlpHttp ?? null}>
        <Findings findings={deployment?.findings ?? []} />
      </EmptyFleet>
    );
  const judged = objectives
    .flatMap((one) => one.judgedThrough ?? [])
    .sort()
    .at(-1);
  const open = incidents.data?.incidents ?? [];
  return (
    <div class="page">
      {services.error !== null && <Failure error={services.error} what="News of the fleet" />}
      <div class="headline">
        <h1>{fleetSentence(fleet)}</h1>
        <p class="terms">
          {objectives.length === 0
            ? 'Write an objective for one of the services below: until then they are counted, not judged.'
            : `${objectives.length} ${objectives.length === 1 ? 'promise' : 'promises'}: ${tallyText(objectives.map((one) => one.verdict))}`}
          {judged !== undefined && (
            <>
              {' · judged through '}
              <Moment at={judged} />
            </>
          )}
        </p>
      </div>
      {open.length > 0 && (
        <section aria-labelledby="open-incidents" class="open-incidents">
          <h2 id="open-incidents">Open incidents</h2>
          <ul class="incident-list">
            {open
              .toSorted((a, b) => a.priority - b.priority)
              .map((incident) => (
                <IncidentLine key={incident.id} incident={incident} />
              ))}
          </ul>
        </section>
      )}
      <section aria-labelledby="services" class="fleet">
        <div class="fleet-head">
          <h2 id="services">Services</h2>
          <div class="scale-cell">
            <LoadScale />
          </div>
        </div>
        {fleet.map((service) => (
          <ServiceBlock key={`${service.name} ${service.environment}`} service={service} />
        ))}
        <Legend />
      </section>
      <Findings findings={deployment?.findings ?? []} />
    </div>
  );
}

/** What should not be so and is no service's. */
const Findings = ({ findings }: Pick<DeploymentJson, 'findings'>) =>
  findings.length === 0 ? null : (
    <section aria-labelledby="findings" class="fleet-findings">
      <h2 id="findings">Findings</h2>
      <FindingsList findings={findings} />
    </section>
  );

function ServiceBlock({ service }: { service: ServiceJson }) {
  const id = `service-${service.name}-${service.environment ?? ''}`;
  return (
    <article class={`service ${service.objectives.length === 0 ? 'bare' : service.verdict}`} aria-labelledby={id}>
      <header>
        <div>
          <h3 id={id}>
            <Link to={placeOfService(service.name, service.environment)}>{service.displayName}</Link>
          </h3>
          <p class="terms">
            {peopleOf(service)}
            {service.findings.length > 0 && (
              <>
                {' · '}
                <Link to={placeOfService(service.name, service.environment)}>
                  {service.findings.length} {service.findings.length === 1 ? 'finding' : 'findings'}
                </Link>
              </>
            )}
          </p>
        </div>
      </header>
      {service.objectives.length > 0 && (
        <ul class="promises">
          {worstPromiseFirst(service.objectives).map((promise) => (
            <PromiseRow key={promise.name} promise={promise} />
          ))}
        </ul>
      )}
      {service.objectives.length === 0 && (
        <p class="no-promise">Nothing is promised of it: there is no objective that it could keep.</p>
      )}
    </article>
  );
}

/** Who answers for it, and how much it matters. */
export function peopleOf(service: ServiceJson): string {
  if (!service.declared)
    return `seen in telemetry only${service.environment === null ? '' : ` · ${service.environment}`}`;
  return [
    service.owner?.name ?? 'no owner',
    service.supportGroup,
    service.tier === null
      ? service.criticality === null
        ? null
        : `criticality ${service.criticality}`
      : `tier ${service.tier}`,
    service.environment,
    service.riskClass === null || service.riskClass === 'undetermined'
      ? null
      : `AI Act: ${riskClassText(service.riskClass)}`,
  ]
    .filter((part) => part !== null)
    .join(' · ');
}

function Legend() {
  return (
    <details class="legend">
      <summary>How to read a load line</summary>
      <p>
        A ship is safe to sail while its load line shows above the water. Here the line is what was promised, and the
        water is the share of bad answers, in units of what the promise allows: left of the line is the budget that is
        left, right of it is too much. Because every promise is drawn in its own units, the line stands at one place all
        the way down.
      </p>
      <dl>
        <dt>Bar and box</dt>
        <dd>the estimate over the whole window, and its 95 % interval: the truth may be anywhere in the box</dd>
        <dt>Pennant</dt>
        <dd>the same for the last hour alone: how fast the budget burns now</dd>
        <dt>Verdict</dt>
        <dd>
          said by a detector that weighs the evidence minute by minute, not by the place of the bar: a fresh breach
          hardly moves four weeks, and a bar over the line may be an old story
        </dd>
        <dt>Not decidable</dt>
        <dd>too little was seen to say anything; it is never counted as good</dd>
      </dl>
    </details>
  );
}
