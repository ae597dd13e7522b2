import { setTimeout as sleep } from 'node:timers/promises';
import type { Deployment } from '../../model/config/deployment.ts';
import { type SinkTestResult, type TestStep, testSink } from '../delivery/sink-test.ts';
import { destinationsOf, waysOut } from '../delivery/ways.ts';
import type { Configuration } from '../plimsoll.ts';
import { unbroken } from './unbroken.ts';

export interface SinkTestCommandOptions {
  readonly configuration: Configuration;
  readonly name: string;
  readonly json: boolean;
  readonly secret: (reference: string) => Promise<string>;
  readonly now: () => number;
}

/** 0: both messages were taken. 1: one was not. 2: no sink has that name. */
export async function sinkTestCommand(options: SinkTestCommandOptions): Promise<number> {
  const { configuration, name, json, secret, now } = options;
  const { deployment } = configuration;
  const sinks = destinationsOf(deployment);
  const sink = sinks.find((one) => one.name === name);
  if (sink === undefined) {
    const known = sinks.length === 0 ? 'spec.sinks is empty' : `known are: ${sinks.map((one) => one.name).join(', ')}`;
    const reason = `no sink is named ${JSON.stringify(name)}; ${known}`;
    if (json) console.log(JSON.stringify({ sink: name, passed: false, reason }));
    else console.error(reason);
    return 2;
  }
  const test = {
    ways: waysOut(deployment.egress),
    secret,
    deployment: deployment.name,
    consoleUrl: () => deployment.consoleUrl ?? addressOf(deployment),
    now,
    supportGroups: configuration.services.flatMap(({ supportGroup }) => supportGroup ?? []),
    pause: (ms: number) => sleep(ms),
  };
  const result = await unbroken(
    () => testSink(sink, test),
    () => console.error('the example is ended first: it would stay open there'),
  );
  console.log(json ? JSON.stringify(result) : report(result));
  return result.passed ? 0 : 1;
}

/** Where the console would be: the server need not run. */
function addressOf({ listen }: Deployment): string {
  const { host, port } = listen.http;
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `http${listen.tls === null ? '' : 's'}://${name}:${port}`;
}

function report({
  sink,
  type,
  example,
  steps,
  warnings,
  passed,
  isLeftOpen,
  remoteId,
  remoteUrl,
}: SinkTestResult): string {
  const lines = steps.map((step) => `${step.transition}: ${stepText(step)}`);
  if (remoteId !== null) lines.push(`it knows the example as ${remoteId}${remoteUrl === null ? '' : `: ${remoteUrl}`}`);
  for (const warning of warnings) lines.push(`warning: ${warning}`);
  if (isLeftOpen) lines.push(`the example ${example} may be open there still: end it by hand`);
  lines.push(
    passed
      ? `${sink} (${type}) takes what it is told: look whether people see it there`
      : `${sink} (${type}) does NOT take what it is told`,
  );
  return lines.join('\n');
}

function stepText({ outcome, reason, status, durationMs, attempts }: TestStep): string {
  const took = `${durationMs} ms${attempts > 1 ? `, at attempt ${attempts}` : ''}`;
  if (outcome === 'ok') return `taken${status === null ? '' : `, answered ${status}`} (${took})`;
  const meaning = { retry: 'not taken now', unknown: 'nobody knows whether it was taken', permanent: 'refused' }[
    outcome
  ];
  return `${meaning}: ${reason} (${took})`;
}
