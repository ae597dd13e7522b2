import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { type Place, placeAt } from './logic/places.ts';

const MOVED = 'plimsoll:moved';

export function go(address: string): void {
  if (address === location.pathname + location.search) return;
  history.pushState(null, '', address);
  dispatchEvent(new Event(MOVED));
  scrollTo(0, 0);
}

export function usePlace(): Place {
  const here = (): string => location.pathname + location.search;
  const [address, setAddress] = useState(here);
  useEffect(() => {
    const update = (): void => setAddress(here());
    addEventListener('popstate', update);
    addEventListener(MOVED, update);
    return () => {
      removeEventListener('popstate', update);
      removeEventListener(MOVED, update);
    };
  }, []);
  const url = new URL(address, location.origin);
  return placeAt(url.pathname, url.search);
}

interface LinkProps {
  readonly to: string;
  readonly children: ComponentChildren;
  readonly class?: string;
  readonly 'aria-label'?: string;
  readonly 'aria-current'?: 'page' | undefined;
}

/** A link to a place in the console. With a modifier key it is a link like any other. */
export function Link({ to, children, ...rest }: LinkProps) {
  const follow = (event: MouseEvent): void => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(to);
  };
  return (
    <a {...rest} href={to} onClick={follow}>
      {children}
    </a>
  );
}

export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Plimsoll`;
  }, [title]);
}
