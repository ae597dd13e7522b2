// Before the first paint, so that a page in the dark does not flash: what a person chose wins over what the system says.
try {
  const theme = localStorage.getItem('plimsoll-theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Storage is forbidden: the system decides.
}
