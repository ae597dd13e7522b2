import type { ObjectiveDetailJson, ObjectivePeriodJson } from '../api.ts';
import { chanceText, creditText, forecastRange, forecastText, leftText } from '../logic/forecast.ts';
import { percentText } from '../logic/format.ts';
import { FLEET, placeOfService } from '../logic/places.ts';
import { estimatePieces } from '../logic/promise.ts';
import { Fact } from '../parts/fact.tsx';
import { LoadScale } from '../parts/load-line.tsx';
import { Failure, Waiting } from '../parts/notice.tsx';
import { useNow } from '../parts/now.ts';
import { PromiseRow } from '../parts/promise-row.tsx';
import { Moment } from '../parts/time.tsx';
import { Link, useTitle } from '../router.tsx';
import { useResource } from '../use-resource.ts';

/** One promise: how it stands, when its budget will be spent, and what its periods attained. */
export function ObjectivePage({ name }: { name: string }) {
  useTitle(name);
  const path = `/objectives/${encodeURIComponent(name)}`;
  const { data, error } = useResource<ObjectiveDetailJson>(path);
  if (data === null)
    return <div class="page">{error === null ? <Waiting what={name} /> : <Failure error={error} what={name} />}</div>;
  const { service, environment } = data;
  return (
    <article class="page service-page">
      {error !== null && <Failure error={error} what={`News of ${name}`} />}
      <header class="headline">
        <p class="crumbs">
          <Link to={FLEET}>Fleet</Link> <span aria-hidden="true">/</span>{' '}
          <Link to={placeOfService(service, environment)}>{service}</Link> <span aria-hidden="true">/</span> {name}
        </p>
        <h1>{name}</h1>
      </header>
      <section aria-labelledby="promise" class="fleet">
        <div class="fleet-head">
          <h2 id="promise">Promise</h2>
          <div class="scale-cell">
            <LoadScale />
          </div>
        </div>
        <ul class="promises">
          <PromiseRow promise={data} />
        </ul>
      </section>
      <div class="columns">
        <div class="main-column">
          <Forecast forecast={data.forecast} />
          {data.window.startsWith('calendar') && <Periods path={`${path}/periods`} promise={data} />}
        </div>
      </div>
    </article>
  );
}

function Forecast({ forecast }: Pick<ObjectiveDetailJson, 'forecast'>) {
  const now = useNow();
  return (
    <section aria-labelledby="budget">
      <h2 id="budget">Error budget</h2>
      {forecast === null && <p class="none">Too little was seen to foresee anything.</p>}
      {forecast !== null && (
        <>
          <p class="foreseen">{forecastText(forecast, now)}</p>
          <dl class="facts">
            <Fact name="Left">{leftText(forecast)}</Fact>
            <Fact name="Spent (95 %)">{forecastRange(forecast, now)}</Fact>
            <Fact name="Chance within the window">{chanceText(forecast.probability)}</Fact>
            <Fact name="Window ends">
              <Moment at={forecast.windowEnds} />
            </Fact>
          </dl>
        </>
      )}
    </section>
  );
}

function Periods({ path, promise }: { path: string; promise: ObjectiveDetailJson }) {
  const { data, error } = useResource<{ periods: ObjectivePeriodJson[] }>(path);
  return (
    <section aria-labelledby="periods">
      <h2 id="periods">Periods</h2>
      {error !== null && <Failure error={error} what="The periods" />}
      {data !== null && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        <div class="table" tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col">From</th>
                <th scope="col">To</th>
                <th scope="col" class="figure">
                  Attained
                </th>
                <th scope="col">95 %</th>
                <th scope="col">Promise</th>
                <th scope="col" class="figure">
                  Credit
                </th>
              </tr>
            </thead>
            <tbody>
              {data.periods.map((period) => (
                <PeriodRow key={period.from} period={period} promise={promise} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function PeriodRow({ period, promise }: { period: ObjectivePeriodJson; promise: ObjectiveDetailJson }) {
  const { from, to, attained, target, met, whole } = period;
  const { measure, subject } = promise;
  const { value, interval, count } = estimatePieces(
    { ...period, measure, subject, method: '', proxy: false, value: attained, window: { from, to } },
    target,
  );
  return (
    <tr>
      <td>
        <Moment at={from} />
        {!whole && ' (in part)'}
      </td>
      <td>
        <Moment at={to} />
      </td>
      <td class="figure">{value}</td>
      <td>{[interval, count].filter((part) => part !== null).join(', ')}</td>
      <td>{met === null ? 'not decidable' : `${met ? 'kept' : 'broken'} (${percentText(target)})`}</td>
      <td class="figure">{creditText(period)}</td>
    </tr>
  );
}
