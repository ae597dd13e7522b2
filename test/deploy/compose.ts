import { parse } from 'yaml';
import { z } from 'zod';

const texts = z.array(z.string());
const health = z.strictObject({
  test: texts.min(2),
  interval: z.string(),
  timeout: z.string(),
  retries: z.int(),
  start_period: z.string().optional(),
});

/** The keys that our file uses: any other is a slip of the pen, which docker may pass over in silence. */
const service = z.strictObject({
  profiles: z.tuple([z.literal('postgres')]).optional(),
  image: z.string().optional(),
  build: z.string().optional(),
  restart: z.literal('unless-stopped'),
  read_only: z.literal(true),
  cap_drop: z.tuple([z.literal('ALL')]),
  security_opt: z.tuple([z.literal('no-new-privileges:true')]),
  pids_limit: z.int(),
  mem_limit: z.string().regex(/^\d+[mg]$/),
  logging: z.strictObject({
    driver: z.literal('json-file'),
    options: z.strictObject({ 'max-size': z.string(), 'max-file': z.string() }),
  }),
  user: z.string().regex(/^[1-9]\d*:\d+$/, 'not root'),
  command: texts.optional(),
  environment: z.record(z.string(), z.string()).default({}),
  volumes: texts.default([]),
  tmpfs: texts.optional(),
  secrets: texts.default([]),
  networks: texts.min(1),
  ports: texts.default([]),
  depends_on: z.record(z.string(), z.strictObject({ condition: z.literal('service_healthy') })).default({}),
  stop_grace_period: z.string().optional(),
  healthcheck: health,
});

const Compose = z.strictObject({
  name: z.string(),
  'x-hardening': z.unknown(),
  services: z.record(z.string(), service),
  networks: z.record(z.string(), z.strictObject({ internal: z.boolean().optional() })),
  volumes: z.record(z.string(), z.strictObject({})),
  secrets: z.record(z.string(), z.strictObject({ file: z.string().startsWith('./secrets/') })),
});
export type Compose = z.output<typeof Compose>;
type Service = Compose['services'][string];

export const readCompose = (text: string): Compose => Compose.parse(parse(text, { merge: true }));

/** What is wrong with a compose file, one line each. */
export function composeFaults(text: string): string[] {
  const read = Compose.safeParse(parse(text, { merge: true }));
  if (!read.success) return read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  const compose = read.data;
  return Object.entries(compose.services).flatMap(([name, one]) =>
    serviceFaults(one, compose).map((fault) => `${name}: ${fault}`),
  );
}

function serviceFaults(one: Service, { services, networks, volumes, secrets }: Compose): string[] {
  const faults: string[] = [];
  const when = (broken: boolean, fault: string): void => {
    if (broken) faults.push(fault);
  };
  when((one.image === undefined) === (one.build === undefined), 'an image or a build, one of them');
  when(one.image !== undefined && !/:v?\d+\.\d+(\.\d+)?$/.test(one.image), `${one.image} is no exact version`);
  for (const port of one.ports) when(!/^127\.0\.0\.1:\d+:\d+$/.test(port), `port ${port} is open to the network`);
  for (const network of one.networks) when(!(network in networks), `network ${network} is not declared`);
  when(
    one.ports.length > 0 && one.networks.every((network) => networks[network]?.internal === true),
    'its ports can not be published from an internal network',
  );
  for (const [key, value] of Object.entries(one.environment)) {
    when(/PASSWORD|SECRET_KEY|TOKEN/.test(key) && !key.endsWith('_FILE'), `${key} is a secret in the environment`);
    const file = /^\/run\/secrets\/(.+)$/.exec(value)?.[1];
    when(file !== undefined && !one.secrets.includes(file), `${key} names a secret that it is not given`);
  }
  when(one.environment['GF_AUTH_ANONYMOUS_ENABLED'] === 'true', 'anybody may look without signing in');
  for (const secret of one.secrets) when(!(secret in secrets), `secret ${secret} is not declared`);
  for (const volume of one.volumes) {
    const [source, , mode] = volume.split(':') as [string, string, string?];
    if (source.startsWith('./')) when(mode !== 'ro', `${source} is mounted to be written`);
    else when(!(source in volumes), `volume ${source} is not declared`);
  }
  for (const other of Object.keys(one.depends_on))
    when(!(other in services), `it waits for ${other}, which there is not`);
  return faults;
}
