import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { startFailure } from '../../../src/server/cli/serve.ts';

const failureOf = async (host: string, port: number): Promise<string> => {
  const server = createServer();
  const [error] = await once(server.listen(port, host), 'error').catch((failure) => [failure]);
  return startFailure(error);
};

it('a port that is taken is named, with what to do', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as { port: number };
  const said = await failureOf('127.0.0.1', port);
  taken.close();
  expect(said).toContain(`port ${port} of 127.0.0.1 is taken`);
  expect(said).toContain('spec.listen');
  expect(said).toContain('[PLIM_LISTEN_TAKEN]');
});

it('an address of another machine is named, with what to do', async () => {
  const said = await failureOf('192.0.2.7', 0); // of the range for documentation (RFC 5737): nobody has it
  expect(said).toContain('192.0.2.7');
  expect(said).toContain('[PLIM_LISTEN_NO_ADDRESS]');
});

it('a port that needs more rights is named; a folder that does is not mistaken for one', () => {
  const denied = (more: object): string =>
    startFailure(Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES', ...more }));
  expect(denied({ port: 80 })).toContain('port 80 needs more rights');
  expect(denied({ path: '/var' })).toBe('EACCES: permission denied');
});
