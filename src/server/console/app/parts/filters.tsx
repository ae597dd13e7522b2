import { Link } from '../router.tsx';

interface FiltersProps {
  /** What is listed. */
  readonly what: string;
  /** Where the list is, as it is shown at first. */
  readonly place: string;
  /** The first is the one that is shown at first. */
  readonly filters: readonly { readonly state: string | null; readonly text: string }[];
  readonly chosen: string | null;
}

/** Which of a list are shown. */
export const Filters = ({ what, place, filters, chosen }: FiltersProps) => (
  <nav class="filters" aria-label={`Which ${what}`}>
    {filters.map(({ state, text }, index) => (
      <Link
        key={text}
        to={index === 0 ? place : `${place}?state=${state}`}
        aria-current={state === chosen ? 'page' : undefined}
      >
        {text}
      </Link>
    ))}
  </nav>
);
