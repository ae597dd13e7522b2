import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, it } from 'vitest';
import { World } from './world.ts';

it('strangers who announce long callbacks and send nothing keep nobody from being heard', async () => {
  const world = await World.start({
    spec: {
      sinks: [{ name: 'ops', type: 'webhook', url: 'http://127.0.0.1:9/in', secret: 'env:OPS' }],
      egress: { allow: ['127.0.0.1'] },
    },
  });
  const { port } = new URL(world.plimsoll.addresses.http);
  const slow = Array.from({ length: 40 }, () => connect(Number(port), '127.0.0.1').on('error', () => {}));
  try {
    await Promise.all(slow.map((socket) => once(socket, 'connect')));
    for (const socket of slow)
      socket.write('POST /api/v1/hooks/ops HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000\r\n\r\n{');
    for (let i = 0; i < 3; i++) {
      const response = await fetch(`${world.api}/hooks/ops`, { method: 'POST', body: '{}' });
      expect([response.status, await response.text()]).toEqual([401, expect.stringContaining('PLIM_HOOK_')]);
    }
  } finally {
    for (const socket of slow) socket.destroy();
    await world.end();
  }
});
