import { plainText } from '../../../../model/plain-text.ts';
import type { DependenciesJson } from '../api.ts';
import { countText, millisText, percentText } from '../logic/format.ts';
import { useResource } from '../use-resource.ts';

type Dependency = DependenciesJson['dependencies'][number];

/** What a service called in the last day, what fails most first. @param path  where the API says it */
export function Dependencies({ path }: { path: string }) {
  const { data } = useResource<DependenciesJson>(path);
  if (data === null || data.dependencies.length === 0) return null;
  return (
    <section aria-labelledby="dependencies">
      <h2 id="dependencies">What it called in the last day</h2>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <div class="table" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">Kind</th>
              <th scope="col">Name</th>
              <th scope="col" class="figure">
                Calls
              </th>
              <th scope="col" class="figure">
                Failed
              </th>
              <th scope="col" class="figure">
                95th percentile
              </th>
            </tr>
          </thead>
          <tbody>
            {data.dependencies.map((one) => (
              <DependencyRow key={`${one.kind} ${one.provider} ${one.name}`} one={one} />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}

function DependencyRow({ one }: { one: Dependency }) {
  const name = [one.provider, one.name].filter((part) => part !== null).join(' / ');
  return (
    <tr class={one.failed > 0 ? 'error' : 'ok'}>
      <td>{one.kind}</td>
      <td class="called">{name === '' ? '–' : plainText(name, 60)}</td>
      <td class="figure">{countText(one.n)}</td>
      <td class="figure outcome">
        {one.value === null ? '–' : `${countText(one.failed)} (${percentText(1 - one.value)})`}
      </td>
      <td class="figure">{one.p95Ms === null ? '–' : millisText(one.p95Ms)}</td>
    </tr>
  );
}
