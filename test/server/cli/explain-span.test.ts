import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import type { Explanation } from '../../../src/server/explain/explanation.ts';
import { eventually, MAIN, Program, serve } from '../../e2e/process.ts';

const RECORDINGS = resolve(import.meta.dirname, '../../golden/otlp');
const RAG = join(RECORDINGS, 'otel-instrumentation-openai-0.22.0__rag.otlp.pb');
const GOLDEN = resolve(import.meta.dirname, '../../golden/explain');

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-explain-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Done {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** @param input  what stands on standard input */
const explain = (args: readonly string[], input?: Buffer): Promise<Done> => {
  const env = { ...process.env, COLUMNS: '80' };
  const running = promisify(execFile)(process.execPath, ['--no-warnings', MAIN, 'explain-span', ...args], {
    cwd: folder,
    env,
  });
  running.child.stdin!.end(input);
  return running.then(
    (done) => ({ code: 0, ...done }),
    (failed) => failed,
  );
};
const fileOf = (name: string, content: string | Buffer): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};

it('explains a recording, in text', async () => {
  const { code, stdout, stderr } = await explain([RAG]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toBe(readFileSync(join(GOLDEN, 'otel-instrumentation-openai-0.22.0__rag.80.txt'), 'utf8'));
});

it('explains it in JSON: from the other form, packed, on standard input, it is the same', async () => {
  const { code, stdout } = await explain([RAG, '--json']);
  expect(code).toBe(0);
  const explanation = JSON.parse(stdout) as Explanation;
  expect(explanation.aiSpans.map(({ dialect, kind }) => [dialect, kind])).toEqual([
    ['OpenTelemetry GenAI', 'embedding'],
    ['OpenTelemetry GenAI', 'model'],
  ]);
  const packed = gzipSync(readFileSync(RAG.replace('.pb', '.json')));
  const other = await explain(['-', '--json'], packed);
  const { aiSpans, ...rest } = JSON.parse(other.stdout) as Explanation;
  expect(rest).toEqual({ ...explanation, aiSpans: undefined });
  expect(aiSpans.map(({ fields }) => fields)).toEqual(explanation.aiSpans.map(({ fields }) => fields));
});

it('of one service only, a few one by one', async () => {
  const few = JSON.parse((await explain([RAG, '--json', '--limit', '1'])).stdout) as Explanation;
  expect([few.aiSpans.length, few.links.length, few.notShown, few.calls.length]).toEqual([1, 1, 1, 2]);
  const none = await explain([RAG, '--service', 'another']);
  expect(none.code).toBe(2);
  expect(none.stdout).toContain('0 spans of AI');
});

it('declared services come from the configuration', async () => {
  const config = fileOf(
    'plimsoll.yaml',
    `apiVersion: plimsoll/v1
kind: Deployment
spec: {listen: {http: 127.0.0.1:0, otlpHttp: 127.0.0.1:0, otlpGrpc: 127.0.0.1:0}, store: {url: "sqlite:./store.db"}}
---
apiVersion: plimsoll/v1
kind: Service
metadata: {name: helpdesk}
spec: {match: {service.name: support-assistant}, slices: [{name: address, attribute: server.address}]}
`,
  );
  const { stdout, stderr } = await explain([RAG, '--json', '--config', config]);
  expect(stderr).not.toContain('problem');
  const { services, aiSpans } = JSON.parse(stdout) as Explanation;
  expect(services).toMatchObject([{ name: 'support-assistant', declaredAs: 'helpdesk' }]);
  expect(aiSpans.map(({ slices }) => slices)).toEqual([{ address: '127.0.0.1' }, { address: '127.0.0.1' }]);
});

describe('what it can not do is told in one line, by code', () => {
  it.each([
    ['a file that is not there', () => ['none.pb'], 1, 'PLIM_EXPLAIN_NO_FILE'],
    ['a file of something else', () => [fileOf('x.txt', 'Load line')], 1, 'at byte'],
    ['JSON of something else', () => [fileOf('x.json', '{"resourceSpans": 7}')], 1, 'resourceSpans is 7'],
    ['nothing to tail', () => ['--tail'], 1, 'PLIM_EXPLAIN_NOT_RUNNING'],
    ['neither a file nor --tail', () => [], 2, 'name either a file or --tail'],
    ['both', () => [RAG, '--tail'], 2, 'name either a file or --tail'],
    ['a limit that is none', () => [RAG, '--limit', 'x'], 2, 'whole number'],
  ])('%s', async (_what, args, status, message) => {
    const { code, stdout, stderr } = await explain(args());
    expect(code).toBe(status);
    expect(stdout).toBe('');
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/^ +at /m);
  });

  it('in JSON too', async () => {
    const { code, stdout } = await explain(['none.pb', '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'PLIM_EXPLAIN_NO_FILE' } });
  });
});

it('--tail explains what arrives until Plimsoll stops', async () => {
  const { program: server, otlpHttp } = await serve(folder);
  const tail = new Program(process.execPath, [MAIN, 'explain-span', '--tail', '--json'], { cwd: folder });
  await tail.line(/explaining what arrives at/);
  const send = () =>
    fetch(`${otlpHttp}/v1/traces`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-protobuf' },
      body: readFileSync(RAG),
    });
  expect((await send()).status).toBe(200);
  const line = await eventually('an explanation', async () => tail.stdout.split('\n').find((one) => one.endsWith('}')));
  const { aiSpans, calls, passedOver } = JSON.parse(line) as Explanation & { passedOver: number };
  expect([aiSpans.length, calls.length, passedOver]).toEqual([2, 2, 0]);
  await server.stop();
  expect(await tail.exited).toBe(0);
  expect(tail.output).toContain('Plimsoll has stopped');
});
