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
