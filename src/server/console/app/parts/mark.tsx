/** The Plimsoll mark: a ring, and the line through it. */
export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 40 24" width="40" height="24" aria-hidden="true">
      <circle cx="20" cy="12" r="9" />
      <path d="M3 12h34" />
    </svg>
  );
}
