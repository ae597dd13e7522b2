import type { Browser, Locator, Page } from 'playwright-core';

export const CHROMIUM = '/usr/bin/chromium';

/** The text that a person sees. */
// biome-ignore lint/performance/useDomNodeTextContent: what is hidden from people must not satisfy a test
export const shown = (locator: Locator): Promise<string> => locator.innerText();
/** Pixels by which a page is wider than its window. */
export const overflow = (page: Page): Promise<unknown> =>
  page.evaluate('document.documentElement.scrollWidth - innerWidth');

export type ContextOptions = NonNullable<Parameters<Browser['newContext']>[0]>;

/** A page in a context of its own. @param complaints  gets what goes wrong on it, also with its content security policy */
export async function openPage(
  browser: Browser,
  address: string,
  complaints: string[],
  options: ContextOptions = {},
): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  await context.addInitScript(
    "addEventListener('securitypolicyviolation', (e) => console.error('CSP: ' + e.violatedDirective + ' ' + e.blockedURI))",
  );
  const page = await context.newPage();
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(`${page.url()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`${page.url()}: ${error.message}`));
  page.on('dialog', (dialog) => {
    complaints.push(`${page.url()}: a dialog says ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.goto(address);
  return page;
}

export const launchOptions = { executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-dev-shm-usage'] };
