/** What a running server answered; null: none runs at any of the addresses. */
export type Answered =
  | { readonly ok: true; readonly body: unknown }
  | { readonly ok: false; readonly status: number; readonly detail: string };

const PATIENCE_MS = 120_000;

/** Asks the server that runs on a store to do something. */
export async function askRunning(addresses: readonly string[], path: string, body: object): Promise<Answered | null> {
  for (const address of addresses) {
    let response: Response;
    try {
      response = await fetch(`${address}/api/v1${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
    } catch {
      // Nobody listens there.
      continue;
    }
    const answer = (await response.json().catch(() => null)) as { detail?: unknown } | null;
    if (response.ok) return { ok: true, body: answer };
    return { ok: false, status: response.status, detail: String(answer?.detail ?? response.statusText) };
  }
  return null;
}
