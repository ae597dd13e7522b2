import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { changeGateCommand } from '../../../src/server/cli/change-gate.ts';
import { listIncidentsCommand } from '../../../src/server/cli/incidents.ts';

let proxy: Server;
let says = { status: 200, text: '' };
const lines: string[] = [];
const place = (server: string) => ({ server, deployment: () => expect.unreachable(), json: false });
const url = (): string => `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;

beforeAll(async () => {
  proxy = createServer((_, response) => void response.writeHead(says.status).end(says.text));
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  for (const method of ['log', 'error'] as const)
    vi.spyOn(console, method).mockImplementation((line) => void lines.push(String(line)));
});
afterAll(() => {
  vi.restoreAllMocks();
  proxy.close();
});

describe('what answers and is no Plimsoll', () => {
  it.each([
    { status: 200, text: '<h1>Sign in</h1>' },
    { status: 200, text: '{}' },
    { status: 502, text: '<h1>Bad gateway</h1>' },
    { status: 404, text: 'null' },
  ])('is told from nobody, and from an empty list: $status $text', async (answer) => {
    says = answer;
    expect(await listIncidentsCommand(place(url()), {})).toBe(1);
    expect(lines.at(-1)).toMatch(
      /no Plimsoll, or is broken: HTTP \d+; look at what --server names[\s\S]*PLIM_COMMAND_REFUSED/,
    );
    expect(await changeGateCommand({ id: 'c', ...place(url()) })).toBe(2);
    expect(lines.at(-1)).toMatch(/^c: unknown: what answers at .* is no Plimsoll/);
  });
});

it('an address that is none is not an address where nobody answers', async () => {
  for (const server of ['localhost:8080', 'plimsoll', 'ftp://127.0.0.1']) {
    expect(await listIncidentsCommand(place(server), {})).toBe(1);
    expect(lines.at(-1)).toContain(`"${server}" is no address like https://plimsoll.example.com`);
  }
});

it('what passes is said to pass', async () => {
  says = { status: 503, text: JSON.stringify({ code: 'PLIM_OVERLOADED', detail: 'too much at once' }) };
  expect(await listIncidentsCommand(place(url()), {})).toBe(1);
  expect(lines.at(-1)).toMatch(/too much at once[\s\S]*ask again in a minute[\s\S]*PLIM_OVERLOADED/);
});
