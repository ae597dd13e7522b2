import { useEffect } from 'preact/hooks';
import type { ObjectiveJson } from '../api.ts';
import { placeOfService } from '../logic/places.ts';
import { Failure, Waiting } from '../parts/notice.tsx';
import { go } from '../router.tsx';
import { useResource } from '../use-resource.ts';

/** A promise has no page of its own: its service's page shows it. */
export function ObjectivePage({ name }: { name: string }) {
  const { data, error } = useResource<ObjectiveJson>(`/objectives/${encodeURIComponent(name)}`);
  useEffect(() => {
    if (data !== null) go(placeOfService(data.service, data.environment));
  }, [data]);
  return <div class="page">{error === null ? <Waiting what={name} /> : <Failure error={error} what={name} />}</div>;
}
