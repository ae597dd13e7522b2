import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { plainText } from '../../../../model/plain-text.ts';
import type { IncidentJson, InteractionJson, MeasuresJson, ServiceDetailJson } from '../api.ts';
import { latencyColumns } from '../logic/columns.ts';
import { countText, millisText, riskClassText, wordsOf } from '../logic/format.ts';
import { FLEET, traceLink } from '../logic/places.ts';
import { RANGES, type RangeName, rangeUntil } from '../logic/ranges.ts';
import { tallyText } from '../logic/sentence.ts';
import { worstPromiseFirst } from '../logic/verdict.ts';
import { Chart, type ChartMark } from '../parts/chart.tsx';
import { Dependencies } from '../parts/dependencies.tsx';
import { Fact } from '../parts/fact.tsx';
import { FindingsList } from '../parts/findings.tsx';
import { IncidentLine } from '../parts/incident-line.tsx';
import { LoadScale } from '../parts/load-line.tsx';
import { MeasureChart } from '../parts/measure-chart.tsx';
import { Failure, Waiting } from '../parts/notice.tsx';
import { useNow } from '../parts/now.ts';
import { elsewhere, OutsideLink } from '../parts/outside-link.tsx';
import { PromiseRow } from '../parts/promise-row.tsx';
import { ServiceRecord } from '../parts/record.tsx';
import { StandsOn } from '../parts/stands-on.tsx';
import { Moment } from '../parts/time.tsx';
import { VerdictTag } from '../parts/verdict.tsx';
import { Link, useTitle } from '../router.tsx';
import { useResource } from '../use-resource.ts';

const withEnvironment = (path: string, environment: string | null, more: Record<string, string> = {}): string =>
  `${path}?${new URLSearchParams({ ...more, ...(environment === null ? {} : { environment }) })}`;

/** One service as a configuration item: what it is, what it promises, how it has been. */
export function ServicePage({ name, environment }: { name: string; environment: string | null }) {
  useTitle(name);
  const path = `/services/${encodeURIComponent(name)}`;
  const { data, error } = useResource<ServiceDetailJson>(withEnvironment(path, environment));
  const incidents =
    useResource<{ incidents: IncidentJson[] }>(
      withEnvironment('/incidents', environment, { service: name, limit: '20' }),
    ).data?.incidents ?? null;
  if (data === null)
    return <div class="page">{error === null ? <Waiting what={name} /> : <Failure error={error} what={name} />}</div>;
  return (
    <article class="page service-page">
      {error !== null && <Failure error={error} what={`News of ${name}`} />}
      <header class="headline">
        <p class="crumbs">
          <Link to={FLEET}>Fleet</Link> <span aria-hidden="true">/</span> {data.name}
        </p>
        <h1>{data.displayName}</h1>
        {(data.intendedPurpose ?? data.description) != null && (
          <p class="lead">{data.intendedPurpose ?? data.description}</p>
        )}
        <p class="badges">
          {data.objectives.length > 0 && <VerdictTag verdict={data.verdict} />}
          <span class="terms">
            {data.objectives.length === 0
              ? 'Nothing is promised of it.'
              : tallyText(data.objectives.map((one) => one.verdict))}
          </span>
        </p>
      </header>
      {data.objectives.length > 0 && (
        <section aria-labelledby="promises" class="fleet">
          <div class="fleet-head">
            <h2 id="promises">Promises</h2>
            <div class="scale-cell">
              <LoadScale />
            </div>
          </div>
          <ul class="promises">
            {worstPromiseFirst(data.objectives).map((promise) => (
              <PromiseRow key={promise.name} promise={promise} saysWhatIsFound />
            ))}
          </ul>
        </section>
      )}
      <div class="columns">
        <div class="main-column">
          <Measures service={data} incidents={incidents ?? []} />
          <Incidents incidents={incidents} />
          <Dependencies path={withEnvironment(`${path}/dependencies`, environment)} />
          <StandsOn service={name} environment={environment} />
          <Interactions service={data} />
        </div>
        <div class="side-column">
          <Findings service={data} />
          <Item service={data} />
          <ServiceRecord path={withEnvironment(`${path}/record`, environment)} moves={path} />
        </div>
      </div>
    </article>
  );
}

function Measures({ service, incidents }: { service: ServiceDetailJson; incidents: readonly IncidentJson[] }) {
  const [range, setRange] = useState<RangeName>('2d');
  const now = useNow();
  const { from, to, step } = rangeUntil(now, range);
  const times = { from: new Date(from).toISOString(), to: new Date(to).toISOString(), step };
  const { data, error } = useResource<MeasuresJson>(
    withEnvironment(`/services/${encodeURIComponent(service.name)}/measures`, service.environment, times),
  );
  const targetOf = (names: readonly string[]): number | null =>
    service.objectives.find(({ name }) => names.includes(name))?.target ?? null;
  const charts = (data?.measures ?? []).filter(({ points }) => points.some(({ estimate }) => estimate.value !== null));
  return (
    <section aria-labelledby="measures">
      <div class="section-head">
        <h2 id="measures">Measures</h2>
        <fieldset class="filters">
          <legend class="unseen">How far back</legend>
          {RANGES.map(({ name, text }) => (
            <button key={name} type="button" aria-pressed={range === name} onClick={() => setRange(name)}>
              {text}
            </button>
          ))}
        </fieldset>
      </div>
      {error !== null && <Failure error={error} what="The measures" />}
      {data === null && error === null && <Waiting what="measures" />}
      {data !== null && charts.length === 0 && <p class="none">Nothing was counted in this time.</p>}
      {charts.map(({ measure, subject, objectives, points }) => (
        <MeasureChart
          key={`${measure} ${subject} ${objectives[0]} ${range}`}
          points={points}
          target={targetOf(objectives)}
          range={{ from, to, step }}
          marks={onsetsOf(incidents, objectives)}
        />
      ))}
      {data !== null && data.latency.length > 0 && (
        <Chart
          key={`latency ${range}`}
          title="duration, median to 95th percentile"
          unit="ms"
          columns={latencyColumns(data.latency)}
          target={null}
          marks={[]}
          from={from}
          to={to}
        />
      )}
    </section>
  );
}

/** Where this measure was the one that was broken. */
const onsetsOf = (incidents: readonly IncidentJson[], objectives: readonly string[]): ChartMark[] =>
  incidents.flatMap(({ id, breaches }) =>
    breaches
      .filter(({ objective }) => objectives.includes(objective))
      .map(({ startedAt }) => ({ at: Date.parse(startedAt), text: id, place: 'bottom' as const })),
  );

function Incidents({ incidents }: { incidents: readonly IncidentJson[] | null }) {
  return (
    <section aria-labelledby="incidents">
      <h2 id="incidents">Incidents</h2>
      {incidents?.length === 0 && <p class="none">There has been none.</p>}
      <ul class="incident-list">
        {incidents?.map((incident) => (
          <IncidentLine key={incident.id} incident={incident} />
        ))}
      </ul>
    </section>
  );
}

function Interactions({ service }: { service: ServiceDetailJson }) {
  const { data } = useResource<{ interactions: InteractionJson[] }>(
    withEnvironment(`/services/${encodeURIComponent(service.name)}/interactions`, service.environment, { limit: '15' }),
  );
  if (data === null) return null;
  return (
    <section aria-labelledby="interactions">
      <h2 id="interactions">Recent interactions</h2>
      {data.interactions.length === 0 && <p class="none">None is held.</p>}
      {data.interactions.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        <div class="table" tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col">Began</th>
                <th scope="col">Outcome</th>
                <th scope="col" class="figure">
                  Duration
                </th>
                <th scope="col">Model</th>
                <th scope="col">Prompt</th>
                <th scope="col" class="figure">
                  Tokens
                </th>
                <th scope="col">Trace</th>
              </tr>
            </thead>
            <tbody>
              {data.interactions.map((one) => (
                <InteractionRow
                  key={`${one.traceId} ${one.spanId}`}
                  one={one}
                  template={service.links?.trace ?? null}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function InteractionRow({ one, template }: { one: InteractionJson; template: string | null }) {
  const address = traceLink(template, one.traceId);
  const short = one.traceId.slice(0, 8);
  return (
    <tr class={one.status}>
      <td>
        <Moment at={one.start} />
      </td>
      <td class="outcome">{one.status === 'ok' ? 'ok' : `✕ ${plainText(one.errorType ?? 'error', 40)}`}</td>
      <td class="figure">{millisText(one.durationMs)}</td>
      <td>{plainText(one.responseModel ?? one.requestModel ?? '–', 40)}</td>
      <td>{plainText(one.promptVersion ?? '–', 20)}</td>
      <td class="figure">
        {one.inputTokens === null && one.outputTokens === null
          ? '–'
          : `${countText(one.inputTokens ?? 0)} + ${countText(one.outputTokens ?? 0)}`}
      </td>
      <td>
        {address === null ? <code title={one.traceId}>{short}</code> : <OutsideLink to={address}>{short}</OutsideLink>}
      </td>
    </tr>
  );
}

function Findings({ service }: { service: ServiceDetailJson }) {
  return (
    <section aria-labelledby="findings">
      <h2 id="findings">Findings</h2>
      {service.findings.length === 0 && <p class="none">Nothing about it should be otherwise.</p>}
      <FindingsList findings={service.findings} />
    </section>
  );
}

/** The configuration item. */
function Item({ service }: { service: ServiceDetailJson }) {
  const listed = (items: readonly string[]) => (
    <ul>
      {items.map((item) => (
        <li key={item}>{item}</li>
      ))}
    </ul>
  );
  const rows: [string, ComponentChildren][] = [
    [
      'Owner',
      service.owner === null
        ? 'nobody'
        : service.owner.email === null
          ? service.owner.name
          : `${service.owner.name}, ${service.owner.email}`,
    ],
    ['Support group', service.supportGroup],
    ['Tier', service.tier],
    ['Criticality', service.criticality === null ? null : `${service.criticality} of 4`],
    ['Environment', service.environment],
    ['Lifecycle', service.lifecycle === undefined ? null : wordsOf(service.lifecycle)],
    ['AI Act', service.riskClass === null ? null : riskClassText(service.riskClass)],
    [
      'Models',
      service.models?.length
        ? listed(
            service.models.map((one) =>
              [one.provider, one.name, one.version].filter((part) => part !== null).join(' '),
            ),
          )
        : null,
    ],
    [
      'Prompts',
      service.prompts?.length
        ? listed(service.prompts.map((one) => `${one.id}${one.version === null ? '' : ` ${one.version}`}`))
        : null,
    ],
    ['Indexes', service.vectorStores?.length ? listed(service.vectorStores.map((one) => one.index)) : null],
    [
      'Tools',
      service.tools?.length
        ? listed(
            service.tools.map(
              (one) => `${one.name}${one.sideEffects === 'none' ? '' : ` (${wordsOf(one.sideEffects)})`}`,
            ),
          )
        : null,
    ],
    ['Agents', service.agents?.length ? listed(service.agents.map((one) => one.name)) : null],
    ['Depends on', service.dependsOn?.length ? listed(service.dependsOn.map((one) => one.name)) : null],
    ['Evidence', service.evidence === undefined ? null : service.evidence.join(', ')],
    ['Elsewhere', elsewhere(service.links)],
  ];
  return (
    <section aria-labelledby="item">
      <h2 id="item">Configuration item</h2>
      <dl class="facts">
        {rows.map(([name, value]) => (
          <Fact key={name} name={name}>
            {value}
          </Fact>
        ))}
      </dl>
    </section>
  );
}
