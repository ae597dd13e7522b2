import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hook } from '../../../src/model/config/hook.ts';
import { type GitHubOptions, github } from '../../../src/sinks/github/inbound.ts';
import { HookFault } from '../../../src/sinks/inbound.ts';

const FOLDER = join(import.meta.dirname, '../../golden/hooks/github');
const golden = (name: string): Record<string, never> => JSON.parse(readFileSync(join(FOLDER, `${name}.json`), 'utf8'));
const optionsOf = (...deployments: object[]): GitHubOptions =>
  hook.parse({ name: 'github', type: 'github', secret: 'env:GITHUB', deployments });
const RULE = { repository: 'acme/support-bot', services: ['support-bot'] };

const read = (said: unknown, options = optionsOf(RULE), headers: Record<string, string> = {}) =>
  github.hook!.read(
    { headers, body: Buffer.from(JSON.stringify(said)) },
    { options, deployment: 'eu1', consoleUrl: 'https://plimsoll.example.com' },
  );
/** A payload in which something stands otherwise. */
const withPayload = (payload: unknown, name = 'deployment.created'): object => {
  const said = golden(name) as unknown as { deployment: object };
  return { ...said, deployment: { ...said.deployment, payload } };
};

describe('a callback of GitHub', () => {
  it('is signed over its bytes: the vector of the documentation, and two secrets while one takes the place of the other', () => {
    const given = 'sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17';
    const secret = "It's a Secret to Everybody";
    const verify = (headers: Record<string, string>, body = 'Hello, World!', key = secret) =>
      github.hook!.verify({ headers, body: Buffer.from(body) }, key, 0);
    expect(verify({ 'x-hub-signature-256': given })).toBe('genuine');
    expect(verify({ 'x-hub-signature-256': given }, 'Hello, World!', `new\n${secret}`)).toBe('genuine');
    expect(verify({ 'x-hub-signature-256': given }, 'Hello, World! ')).toBe('forged');
    expect(verify({ 'x-hub-signature': given })).toBe('forged');
    expect(verify({})).toBe('forged');
  });

  it('of a version that is nothing to be read is refused at once: a change could not hold it', () => {
    for (const key of ['before', 'after'])
      expect(() => read(withPayload({ plimsoll: { [key]: '\u200b \u0007' } }))).toThrow(HookFault);
  });

  it('of a state that is none, however it is called, is passed over', () => {
    const said = golden('deployment_status.success') as unknown as { deployment_status: object };
    for (const state of ['inactive', 'constructor', '__proto__'])
      expect(read({ ...said, deployment_status: { ...said.deployment_status, state } })).toEqual([]);
  });

  it('that orders a deployment names what is deployed where, and who has set it off', () => {
    expect(read(golden('deployment.created'))).toEqual([
      {
        id: 'deployment:2900000001',
        about: { deployment: '2900000001' },
        at: Date.parse('2026-11-20T09:59:00Z'),
        by: { id: 'kimsato', name: 'kimsato' },
        acts: [],
        deployed: {
          deployment: '2900000001',
          service: 'support-bot',
          environment: 'prod-eu',
          type: 'infrastructure',
          change: null,
          before: null,
          after: { id: 'b9f1c2d3e4a5968778695a4b3c2d1e0f11223344' },
          description: null,
          compare: 'https://github.com/acme/support-bot/compare/{before}...b9f1c2d3e4a5968778695a4b3c2d1e0f11223344',
          link: 'https://github.com/acme/support-bot/commit/b9f1c2d3e4a5968778695a4b3c2d1e0f11223344',
          phase: 'ordered',
          order: 0,
          at: Date.parse('2026-11-20T09:59:00Z'),
        },
      },
    ]);
  });

  it.each([
    ['waiting', 'ordered'],
    ['in_progress', 'begun'],
    ['success', 'implemented'],
    ['failure', 'failed'],
  ])('with the status %s says that it is %s', (state, phase) => {
    const [event] = read(golden(`deployment_status.${state}`));
    expect(event!.deployed).toMatchObject({ phase, service: 'support-bot' });
    expect(event!.id).toBe(`status:${event!.deployed!.order}`);
  });

  it('that is a ping, or of a deployment that another has followed, says nothing', () => {
    expect(read(golden('ping'))).toEqual([]);
    expect(read(golden('deployment_status.inactive'))).toEqual([]);
    expect(read({ action: 'opened', pull_request: {} })).toEqual([]);
  });

  it('belongs to the first rule that its repository, environment and task fit', () => {
    const service = (...rules: object[]) => read(golden('deployment.created'), optionsOf(...rules))[0]?.deployed;
    expect(service({ ...RULE, repository: 'acme/other' })).toBeUndefined();
    expect(service({ ...RULE, deployedTo: 'staging' })).toBeUndefined();
    expect(service({ ...RULE, task: 'deploy:migrations' })).toBeUndefined();
    expect(service({ ...RULE, repository: 'Acme/*' })).toMatchObject({ service: 'support-bot' });
    expect(
      service(
        { ...RULE, deployedTo: 'staging', environment: 'staging' },
        { ...RULE, deployedTo: 'prod-eu', environment: 'production', type: 'prompt', version: 'ref' },
        RULE,
      ),
    ).toMatchObject({ environment: 'production', type: 'prompt', after: { id: 'main' } });
  });

  it('may say more in its payload, as an object or as text; what is wrong there is refused with the reason', () => {
    const rule = { ...RULE, services: ['support-bot', 'search'] };
    const said = { service: 'search', type: 'retrieval_corpus', change: 'release-42', before: '6', after: '7' };
    for (const payload of [{ plimsoll: said }, JSON.stringify({ plimsoll: said })])
      expect(read(withPayload(payload), optionsOf(rule))[0]!.deployed).toMatchObject({
        service: 'search',
        type: 'retrieval_corpus',
        change: 'release-42',
        before: { id: '6' },
        after: { id: '7' },
      });
    expect(() => read(withPayload({}), optionsOf(rule))).toThrow('none of support-bot, search');
    expect(() => read(withPayload({ plimsoll: { service: 'billing' } }))).toThrow('none of support-bot');
    expect(() => read(withPayload({ plimsoll: { version: '7' } }))).toThrow('payload.plimsoll');
    for (const payload of ['', 'v7', null, []]) expect(read(withPayload(payload))).toHaveLength(1);
  });

  it('with anything in any place is read or refused, and never fails in another way', () => {
    const names = ['deployment.created', 'deployment_status.success', 'deployment_status.failure'];
    const places = [
      ['deployment', 'payload', 'deployment_status', 'repository', 'workflow_run', 'sender'].map((one) => [one]),
      ['id', 'sha', 'ref', 'task', 'payload', 'creator', 'environment', 'created_at'].map((one) => ['deployment', one]),
      ['id', 'state', 'description', 'created_at'].map((one) => ['deployment_status', one]),
    ].flat();
    const odd = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.string({ unit: 'binary' }), fc.constant('\ud800'));
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.constantFrom(...places), odd, (name, [key, inner], value) => {
        const said: Record<string, unknown> = golden(name);
        const part = inner === undefined ? value : { ...(said[key!] as object), [inner]: value };
        try {
          const events = read({ ...said, [key!]: part });
          for (const { deployed } of events)
            expect(deployed!.link).toMatch(/^https:\/\/github\.com\/acme\/support-bot\/commit\//);
        } catch (error) {
          expect(error).toBeInstanceOf(HookFault);
        }
      }),
    );
  });

  it('that can not be read is refused with what to do', () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect(() => read({}, optionsOf(RULE), form)).toThrow('application/json');
    expect(() => read({ ...golden('deployment.created'), repository: {} })).toThrow('repository.full_name');
  });
});
