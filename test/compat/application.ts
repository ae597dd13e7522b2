import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Program } from '../e2e/process.ts';
import { World } from '../server/world.ts';
import { startModelServer } from './model-server.ts';

/** Much more than the slowest of them takes on a busy machine. */
const ENDS_WITHIN_MS = 50_000;

/** A program, and what Plimsoll is to make of its requests. */
export interface Application {
  /** What is tried on it, with versions. */
  readonly packages: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Beside this file. */
  readonly folder: string;
  readonly protocol?: 'http/protobuf' | 'grpc';
  /** In the order of their start; what isn't named is not compared. */
  readonly interactions: readonly object[];
  /** Kinds, beside that of every service without a file. */
  readonly findings?: readonly string[];
}

type Interaction = Record<string, unknown> & { readonly traceId: string; readonly spanId: string };
type Call = Record<string, unknown> & { readonly interactionSpanId: string };
/**
 * What Plimsoll says of an application: its interactions in the order of their start, each with its calls by kind and tokens (some
 * libraries round the start to milliseconds).
 */
interface Seen {
  readonly interactions: readonly (Interaction & { readonly calls: readonly Call[] })[];
  readonly findings: readonly { readonly kind: string; readonly detail: string }[];
}

let services = 0;

/** Runs an application to its end, as its author would, and asks Plimsoll what became of it. */
async function run(world: World, modelUrl: string, application: Application): Promise<Seen> {
  const { command, args, folder, protocol = 'http/protobuf' } = application;
  const service = `shop-${++services}`;
  const { otlpHttp, otlpGrpc } = world.plimsoll.addresses;
  const program = new Program(command, args, {
    cwd: join(import.meta.dirname, folder),
    env: {
      ...environment(modelUrl, service),
      OTEL_EXPORTER_OTLP_ENDPOINT: protocol === 'grpc' ? otlpGrpc! : otlpHttp,
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
    },
  });
  const late = setTimeout(() => void program.stop('SIGKILL'), ENDS_WITHIN_MS);
  const code = await program.exited;
  clearTimeout(late);
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}:\n${program.output}`);
  return seenOf(world, service);
}

/** What docs/guide/sending.md tells to set, and where the models are. */
function environment(modelUrl: string, service: string): Record<string, string> {
  return {
    PYTHONDONTWRITEBYTECODE: '1',
    OTEL_SERVICE_NAME: service,
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    OTEL_LOGS_EXPORTER: 'none',
    OTEL_METRICS_EXPORTER: 'none',
    OPENAI_BASE_URL: `${modelUrl}/v1`,
    OPENAI_API_KEY: 'none is needed',
    ANTHROPIC_BASE_URL: modelUrl,
    ANTHROPIC_API_KEY: 'none is needed',
    // LangSmith's client asks there what it may send; it sends nothing there.
    LANGSMITH_ENDPOINT: modelUrl,
  };
}

async function seenOf(world: World, service: string): Promise<Seen> {
  await world.post('/settle', {});
  const list = await world.get<{ interactions: Interaction[] }>(`/services/${service}/interactions?limit=100`);
  const byStart = list.interactions.toSorted((a, b) => (String(a['start']) < String(b['start']) ? -1 : 1));
  const interactions = await Promise.all(
    byStart.map(async (one) => {
      const { calls } = await world.get<{ calls: Call[] }>(`/interactions/${one.traceId}`);
      return { ...one, calls: calls.filter((call) => call.interactionSpanId === one.spanId).sort(byKindAndTokens) };
    }),
  );
  const { findings } = await world.get<Pick<Seen, 'findings'>>(`/services/${service}`);
  return { interactions, findings };
}

const byKindAndTokens = (a: Call, b: Call): number =>
  String(a['kind']).localeCompare(String(b['kind'])) || Number(a['inputTokens']) - Number(b['inputTokens']);

/** Defines a test of each application, with one Plimsoll and one stand-in for the models. */
export function itReads(applications: readonly Application[]): void {
  let world: World;
  let models: Awaited<ReturnType<typeof startModelServer>>;
  beforeAll(async () => {
    models = await startModelServer();
    world = await World.start({ now: Date.now() });
  });
  afterAll(async () => {
    await world.end();
    await models.stop();
  });

  for (const application of applications)
    it(`${application.packages}: what it did is counted as what it was`, async () => {
      const seen = await run(world, models.url, application);
      expect(seen.interactions).toMatchObject(application.interactions);
      expect(new Set(seen.interactions.map((one) => one['environment']))).toEqual(new Set(['test']));
      expect(seen.findings.map(({ kind }) => kind).filter((kind) => kind !== 'retiring_model')).toEqual([
        'unregistered_service',
        ...(application.findings ?? []),
      ]);
    });
}
