import { plainText } from '../../../../model/plain-text.ts';
import type { DependencyGraphJson } from '../api.ts';
import { countText, wordsOf } from '../logic/format.ts';
import { placeOfIncident, placeOfService } from '../logic/places.ts';
import { Link } from '../router.tsx';
import { useResource } from '../use-resource.ts';

type Node = DependencyGraphJson['nodes'][number];
type Edge = DependencyGraphJson['edges'][number];

const SOURCES: Readonly<Record<Edge['source'], string>> = {
  both: 'in its file, and called',
  called: 'called, not in its file',
  declared: 'in its file, not called',
};

const nameOf = ({ provider, name }: Pick<Edge, 'provider' | 'name'>): string =>
  plainText([provider, name].filter((part) => part !== null).join(' / '), 60);

/** What a service stands on, as its file says and its calls show, and which services stand on it. */
export function StandsOn({ service, environment }: { service: string; environment: string | null }) {
  const query = new URLSearchParams({ service, ...(environment === null ? {} : { environment }) });
  const { data } = useResource<DependencyGraphJson>(`/dependencies?${query}`);
  if (data === null) return null;
  const above = data.nodes.find(({ kind, name }) => kind === 'service' && name === service)?.above ?? [];
  if (data.edges.length === 0 && above.length === 0) return null;
  return (
    <section aria-labelledby="stands-on">
      <h2 id="stands-on">What it stands on</h2>
      {data.edges.length === 0 && <p class="none">Nothing is known of that.</p>}
      {data.edges.length > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
        <div class="table" tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col">Kind</th>
                <th scope="col">Name</th>
                <th scope="col">Known from</th>
                <th scope="col">Now</th>
                <th scope="col">Others that stand on it</th>
              </tr>
            </thead>
            <tbody>
              {data.edges.map((edge) => (
                <EdgeRow
                  key={`${edge.kind} ${edge.provider} ${edge.name} ${edge.environment}`}
                  edge={edge}
                  data={data}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
      <h3>What stands on it</h3>
      {above.length === 0 && <p class="none">No other service.</p>}
      <ul>
        {above.map((one) => (
          <li key={`${one.service} ${one.environment}`}>
            <Link to={placeOfService(one.service, one.environment)}>{plainText(one.service, 60)}</Link>
            {one.through.length > 0 && ` through ${plainText(one.through.join(', '), 120)}`}
            {one.openIncidents.map(({ id }) => (
              <span key={id}>
                {' · '}
                <Link to={placeOfIncident(id)}>{id}</Link>
              </span>
            ))}
          </li>
        ))}
      </ul>
    </section>
  );
}

function EdgeRow({ edge, data }: { edge: Edge; data: DependencyGraphJson }) {
  const node = data.nodes.find(
    ({ kind, provider, name }) => kind === edge.kind && provider === edge.provider && name === edge.name,
  );
  const others = (node?.above ?? []).filter(({ service }) => service !== edge.service);
  return (
    <tr class={node?.failing === true ? 'error' : 'ok'}>
      <td>{wordsOf(edge.kind)}</td>
      <td class="called">
        {edge.kind === 'service' ? <Link to={placeOfService(edge.name, null)}>{nameOf(edge)}</Link> : nameOf(edge)}
      </td>
      <td>{SOURCES[edge.source]}</td>
      <td class="outcome">{stateOf(node)}</td>
      <td>{plainText(others.map(({ service }) => service).join(', ') || '–', 120)}</td>
    </tr>
  );
}

function stateOf(node: Node | undefined): string {
  if (node === undefined || (!node.failing && node.recent.n === 0)) return '–';
  if (!node.failing) return 'ok';
  return node.openIncidents.length > 0
    ? `✕ ${node.openIncidents.map(({ id }) => id).join(', ')}`
    : `✕ ${countText(node.recent.failed)} of ${countText(node.recent.n)} failed in the last hour`;
}
