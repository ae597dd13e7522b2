import { useEffect, useRef } from 'preact/hooks';
import type { IncidentJson } from './api.ts';
import { useLiveness } from './live.ts';
import { FLEET, INCIDENTS, type Place } from './logic/places.ts';
import { FleetPage } from './pages/fleet.tsx';
import { IncidentPage } from './pages/incident.tsx';
import { IncidentsPage } from './pages/incidents.tsx';
import { NowherePage } from './pages/nowhere.tsx';
import { ObjectivePage } from './pages/objective.tsx';
import { ServicePage } from './pages/service.tsx';
import { Mark } from './parts/mark.tsx';
import { ThemeSwitch } from './parts/theme.tsx';
import { Link, usePlace } from './router.tsx';
import { useResource } from './use-resource.ts';

export function App() {
  const place = usePlace();
  const main = useRef<HTMLElement>(null);
  const key = JSON.stringify(place);
  const first = useRef(key);
  // Another page is announced and read from its beginning, as after a load.
  useEffect(() => {
    if (first.current !== key) main.current?.focus({ preventScroll: true });
    first.current = '';
  }, [key]);
  return (
    <>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <Header place={place} />
      <main id="main" ref={main} tabIndex={-1}>
        <Page key={key} place={place} />
      </main>
    </>
  );
}

function Page({ place }: { place: Place }) {
  switch (place.page) {
    case 'fleet':
      return <FleetPage />;
    case 'incidents':
      return <IncidentsPage state={place.state} />;
    case 'incident':
      return <IncidentPage id={place.id} />;
    case 'service':
      return <ServicePage name={place.name} environment={place.environment} />;
    case 'objective':
      return <ObjectivePage name={place.name} />;
    case 'nowhere':
      return <NowherePage />;
  }
}

function Header({ place }: { place: Place }) {
  const liveness = useLiveness();
  const open = useResource<{ incidents: IncidentJson[] }>('/incidents?state=open').data?.incidents.length ?? 0;
  const current = (page: Place['page']): 'page' | undefined => (place.page === page ? 'page' : undefined);
  return (
    <header class="masthead">
      <Link to={FLEET} class="brand" aria-label="Plimsoll, to the fleet">
        <Mark />
        <span>Plimsoll</span>
      </Link>
      <nav aria-label="Pages">
        <Link to={FLEET} aria-current={current('fleet')}>
          Fleet
        </Link>
        <Link to={INCIDENTS} aria-current={current('incidents')}>
          Incidents
          {open > 0 && (
            <span class="count">
              {' '}
              {open}
              <span class="unseen"> open</span>
            </span>
          )}
        </Link>
      </nav>
      <p
        class={`liveness ${liveness}`}
        title={liveness === 'live' ? 'News come as they happen.' : 'No line to the server: asks every 15 seconds.'}
      >
        <span class="unseen">Updates: </span>
        {liveness}
      </p>
      <ThemeSwitch />
    </header>
  );
}
