import { useEffect, useRef } from 'preact/hooks';
import type { DestinationJson, IncidentJson, SessionJson } from './api.ts';
import { useLiveness } from './live.ts';
import { CHANGES, DELIVERIES, FLEET, INCIDENTS, type Place, PROBLEMS, SILENCES } from './logic/places.ts';
import { ChangePage } from './pages/change.tsx';
import { ChangesPage } from './pages/changes.tsx';
import { DeliveriesPage } from './pages/deliveries.tsx';
import { FleetPage } from './pages/fleet.tsx';
import { IncidentPage } from './pages/incident.tsx';
import { IncidentsPage } from './pages/incidents.tsx';
import { NowherePage } from './pages/nowhere.tsx';
import { ObjectivePage } from './pages/objective.tsx';
import { ProblemPage } from './pages/problem.tsx';
import { ProblemsPage } from './pages/problems.tsx';
import { ServicePage } from './pages/service.tsx';
import { SignInPage } from './pages/sign-in.tsx';
import { SilencesPage } from './pages/silences.tsx';
import { Mark } from './parts/mark.tsx';
import { Failure } from './parts/notice.tsx';
import { SignedIn } from './parts/signed-in.tsx';
import { ThemeSwitch } from './parts/theme.tsx';
import { Link, usePlace } from './router.tsx';
import { useSession } from './session.ts';
import { useResource } from './use-resource.ts';

export function App() {
  const { data, error } = useSession();
  if (data === null)
    return <main class="page">{error === null ? null : <Failure error={error} what="Who is signed in" />}</main>;
  return data.state === 'signed_out' ? <Gangway data={data} /> : <Console data={data} />;
}

/** For whoever has still to sign in. */
function Gangway({ data }: { data: SessionJson }) {
  return (
    <>
      <header class="masthead">
        <span class="brand">
          <Mark />
          <span>Plimsoll</span>
        </span>
        <ThemeSwitch />
      </header>
      <main id="main">
        <SignInPage oidc={data.oidc} />
      </main>
    </>
  );
}

function Console({ data }: { data: SessionJson }) {
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
      <Header place={place} session={data} />
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
    case 'problems':
      return <ProblemsPage state={place.state} />;
    case 'problem':
      return <ProblemPage id={place.id} />;
    case 'silences':
      return <SilencesPage state={place.state} incident={place.incident} />;
    case 'changes':
      return <ChangesPage state={place.state} />;
    case 'change':
      return <ChangePage id={place.id} />;
    case 'service':
      return <ServicePage name={place.name} environment={place.environment} />;
    case 'deliveries':
      return <DeliveriesPage />;
    case 'objective':
      return <ObjectivePage name={place.name} />;
    // Somebody who is signed in already has nothing to do there.
    case 'sign-in':
      return <FleetPage />;
    case 'nowhere':
      return <NowherePage />;
  }
}

function Header({ place, session }: { place: Place; session: SessionJson }) {
  const liveness = useLiveness();
  const open = useResource<{ incidents: IncidentJson[] }>('/incidents?state=open').data?.incidents.length ?? 0;
  const destinations = useResource<{ destinations: DestinationJson[] }>('/destinations').data?.destinations ?? [];
  const dead = destinations.reduce((sum, one) => sum + one.dead, 0);
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
        <Link to={CHANGES} aria-current={current('changes')}>
          Changes
        </Link>
        <Link to={PROBLEMS} aria-current={current('problems')}>
          Problems
        </Link>
        <Link to={DELIVERIES} aria-current={current('deliveries')}>
          Deliveries
          {dead > 0 && (
            <span class="count">
              {' '}
              {dead}
              <span class="unseen"> given up</span>
            </span>
          )}
        </Link>
        <Link to={SILENCES} aria-current={current('silences')}>
          Silences
        </Link>
      </nav>
      <p
        class={`liveness ${liveness}`}
        title={liveness === 'live' ? 'News come as they happen.' : 'No line to the server: asks every 15 seconds.'}
      >
        <span class="unseen">Updates: </span>
        {liveness}
      </p>
      <SignedIn data={session} />
      <ThemeSwitch />
    </header>
  );
}
