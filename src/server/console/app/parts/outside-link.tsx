import type { ComponentChildren } from 'preact';
import { outsideLink } from '../logic/places.ts';

/** A link that leaves the console; text alone where the address is not one that may be followed. */
export function OutsideLink({ to, children }: { to: string; children: ComponentChildren }) {
  const address = outsideLink(to);
  if (address === null) return <span>{children}</span>;
  return (
    <a href={address} rel="noreferrer" target="_blank" class="outside">
      {children}
    </a>
  );
}

/** Where else it is looked at, as the service file says; null when it doesn't. */
export function elsewhere(links: { readonly runbook: string | null; readonly dashboard: string | null } | undefined) {
  const [runbook, dashboard] = [outsideLink(links?.runbook), outsideLink(links?.dashboard)];
  if (runbook === null && dashboard === null) return null;
  return (
    <>
      {runbook !== null && <OutsideLink to={runbook}>Runbook</OutsideLink>}
      {runbook !== null && dashboard !== null && ', '}
      {dashboard !== null && <OutsideLink to={dashboard}>Dashboard</OutsideLink>}
    </>
  );
}
