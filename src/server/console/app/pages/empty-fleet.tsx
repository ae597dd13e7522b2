import type { ComponentChildren } from 'preact';
import { doorFrom, exporterSettings, firstSpanCommand } from '../logic/first-span.ts';
import { Command } from '../parts/command.tsx';
import { Mark } from '../parts/mark.tsx';
import { useTitle } from '../router.tsx';

/** Nothing was declared and nothing has come: how the first span gets here; below it what else there is to say. */
export function EmptyFleet({ otlpHttp, children }: { otlpHttp: string | null; children: ComponentChildren }) {
  useTitle('Waiting for the first span');
  const door = doorFrom(otlpHttp, location.hostname);
  return (
    <div class="page empty">
      <Mark />
      <h1>The harbour is empty.</h1>
      <p class="lead">
        Plimsoll has seen no AI service yet. It listens for OpenTelemetry spans at <code>{door}</code>; this page
        changes by itself when the first one has come.
      </p>
      <h2>Send one span now</h2>
      <p>One exchange with a model, as any OpenTelemetry SDK would send it:</p>
      <Command label="In a shell" text={firstSpanCommand(door)} />
      <h2>Point a real application here</h2>
      <p>An application that is instrumented for OpenTelemetry needs no change of code:</p>
      <Command label="In its environment" text={exporterSettings(door)} />
      <h2>Say what you promise</h2>
      <p>
        Name your services and what they promise in <code>services/*.yaml</code>, and check the files with{' '}
        <code>plimsoll check</code>.
      </p>
      {children}
    </div>
  );
}
