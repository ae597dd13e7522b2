/** What stands behind the name of a model that is still the same model: a date, a snapshot's number, `latest`. */
const SNAPSHOT = /^[-@:.](?:latest|\d{4}-\d{2}-\d{2}|\d{8}|\d{3,4}|\d{2}-\d{4})$/;

/**
 * Which snapshot of a model a name is of: '' the model itself, as providers call the one that they change at will; null: it is of
 * another model. Of `gpt-4o` that is `2024-08-06` of `gpt-4o-2024-08-06`, and null of `gpt-4o-mini`.
 */
export function snapshotOf(model: string, name: string): string | null {
  if (name === model) return '';
  if (!name.startsWith(model)) return null;
  const rest = name.slice(model.length);
  return SNAPSHOT.test(rest) ? rest.slice(1) : null;
}

const DATED = /^(.+)[-@:.](latest|\d{4}-\d{2}-\d{2}|\d{8}|\d{4})$/;

/** A name as telemetry writes it, taken apart: `gpt-4o-2024-08-06` is `gpt-4o` in the version `2024-08-06`; most names are whole. */
export function splitSnapshot(name: string): { readonly model: string; readonly version: string | null } {
  const [, model, version] = DATED.exec(name) ?? [];
  return model === undefined ? { model: name, version: null } : { model, version: version! };
}
