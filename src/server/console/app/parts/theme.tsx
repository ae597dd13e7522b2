import { useState } from 'preact/hooks';

type Theme = 'light' | 'dark' | 'system';
const KEY = 'plimsoll-theme';
/** Charts are drawn again in the colours of the other theme. */
export const THEME_CHANGED = 'plimsoll:theme';

const current = (): Theme => {
  const theme = document.documentElement.dataset['theme'];
  return theme === 'light' || theme === 'dark' ? theme : 'system';
};

function choose(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
  try {
    if (theme === 'system') localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, theme);
  } catch {
    // Storage is forbidden: the choice holds until the page is left.
  }
  dispatchEvent(new Event(THEME_CHANGED));
}

const NEXT: Readonly<Record<Theme, Theme>> = { system: 'dark', dark: 'light', light: 'system' };
const SIGNS: Readonly<Record<Theme, string>> = { system: '◐', dark: '●', light: '○' };

export function ThemeSwitch() {
  const [theme, setTheme] = useState(current);
  const turn = (): void => {
    choose(NEXT[theme]);
    setTheme(NEXT[theme]);
  };
  return (
    <button
      type="button"
      class="theme"
      onClick={turn}
      aria-label={`Colours: ${theme}. Change to ${NEXT[theme]}`}
      title={`Colours: ${theme}`}
    >
      <span aria-hidden="true">{SIGNS[theme]}</span>
    </button>
  );
}
