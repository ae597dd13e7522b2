import type { IncidentJson } from '../api.ts';
import { traceLink } from '../logic/places.ts';
import { OutsideLink } from './outside-link.tsx';

/** Examples to read beside each other, in the tracer that people already use. */
export function Traces({ traces, template }: { traces: IncidentJson['traces']; template: string | null }) {
  if (traces.bad.length + traces.good.length === 0) return null;
  return (
    <section aria-labelledby="traces">
      <h2 id="traces">Traces to read</h2>
      <div class="traces">
        <TraceList name="Bad" ids={traces.bad} template={template} />
        <TraceList name="Good, to compare" ids={traces.good} template={template} />
      </div>
      {template === null && (
        <p class="terms">
          The service file can say where traces are looked at: <code>{'links: {trace: "https://…/{traceId}"}'}</code>
        </p>
      )}
    </section>
  );
}

function TraceList({ name, ids, template }: { name: string; ids: readonly string[]; template: string | null }) {
  if (ids.length === 0) return null;
  return (
    <div>
      <h3>{name}</h3>
      <ul>
        {ids.map((id) => {
          const address = traceLink(template, id);
          return (
            <li key={id}>{address === null ? <code>{id}</code> : <OutsideLink to={address}>{id}</OutsideLink>}</li>
          );
        })}
      </ul>
    </div>
  );
}
