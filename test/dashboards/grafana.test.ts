import { beforeEach, expect, it } from 'vitest';
import { generated } from '../../dashboards/index.ts';
import { type Document, dataPanelsOf } from '../../dashboards/lint/document.ts';
import { dashboardsGrafana, type Environment } from '../../scripts/dashboards-grafana.ts';
import { GrafanaStandIn } from '../standins/grafana-api.ts';

const TOKEN = 'glsa_of-a-service-account';
const documents = generated().map(({ text }) => JSON.parse(text) as Document);
const count = documents.flatMap(dataPanelsOf).flatMap(({ targets }) => targets!).length;

let grafana: GrafanaStandIn;
beforeEach(async () => {
  grafana = new GrafanaStandIn(`Bearer ${TOKEN}`);
  await grafana.start();
  return () => grafana.end();
});

async function run(
  env: Environment = { GRAFANA_TOKEN: TOKEN },
  url: string | undefined = grafana.url,
): Promise<{ status: number; said: string[] }> {
  const said: string[] = [];
  const status = await dashboardsGrafana(url, env, (line) => void said.push(line));
  expect(said.join('\n')).not.toContain(TOKEN);
  return { status, said };
}

it('brings all of them in, once and again, and asks every query of every panel', async () => {
  for (let i = 0; i < 2; i++) {
    const { status, said } = await run();
    expect(said.at(-1)).toBe(`${count} queries: ${count} with numbers, 0 empty, 0 not understood`);
    expect(status).toBe(0);
  }
  expect([...grafana.dashboards.keys()].sort()).toEqual(documents.map(({ uid }) => uid!).sort());
  expect(grafana.folders).toEqual(new Set(['plimsoll']));
  const asked = grafana.queries.filter(({ query }) => !query?.startsWith('SHOW'));
  expect(asked).toHaveLength(2 * count);
  for (const { expr, query, datasource } of asked) {
    const text = expr ?? query!;
    // Its own variables Grafana replaces itself.
    expect(text.replaceAll(/\$(__rate_interval|__interval|__range|timeFilter)|\$\/(?= |$)/g, '')).not.toContain('$');
    expect(datasource).toEqual(
      expr === undefined ? { uid: 'def', type: 'influxdb' } : { uid: 'abc', type: 'prometheus' },
    );
  }
  expect(asked.some(({ expr }) => expr?.includes('service="one service"'))).toBe(true);
  expect(asked.some(({ query }) => query?.includes('"measure" =~ /^availability$/'))).toBe(true);
});

it('links lead to the console that is named', async () => {
  await run({ GRAFANA_TOKEN: TOKEN, CONSOLE_URL: 'https://plimsoll.example/' });
  for (const dashboard of grafana.dashboards.values())
    expect((dashboard as Document).templating!.list.find(({ name }) => name === 'console')!.query).toBe(
      'https://plimsoll.example',
    );
});

it('takes ours of several data sources, and says what is missing or does not answer', async () => {
  grafana.dataSources = [
    { uid: 'abc', name: 'First', type: 'prometheus', isDefault: true },
    { uid: 'gone', name: 'Loki', type: 'loki', isDefault: false },
  ];
  grafana.unhealthy.add('abc');
  const { status, said } = await run();
  expect(said).toContain(
    'warning: First (prometheus) is not healthy: {"status":"ERROR","message":"connection refused"}'.replace(
      '{',
      'GET /api/datasources/uid/abc/health: 400 {',
    ),
  );
  expect(said).toContain('warning: there is no data source of type influxdb: what asks it shows nothing');
  expect(said.at(-1)).toMatch(/\d+ with numbers, [1-9]\d* empty, 0 not understood$/);
  expect(status).toBe(0);
});

it('reports what comes back empty, and what is not understood', async () => {
  grafana.answerTo = ({ expr }) => {
    if (expr?.includes('plimsoll_leader')) return { frames: [] };
    return expr?.startsWith('histogram_quantile') ? { error: 'parse error at char 5' } : undefined;
  };
  const { status, said } = await run();
  expect(said.find((line) => line.startsWith('nothing: '))).toMatch(/^nothing: plimsoll-self #\d+ Who judges A$/);
  expect(said.find((line) => line.startsWith('error: '))).toMatch(/: parse error at char 5$/);
  expect(status).toBe(1);
});

it('may sign in with a user and a password, and not without', async () => {
  const basic = new GrafanaStandIn(`Basic ${Buffer.from('ada:lovelace').toString('base64')}`);
  await basic.start();
  expect((await run({ GRAFANA_USER: 'ada', GRAFANA_PASSWORD: 'lovelace' }, basic.url)).status).toBe(0);
  await basic.end();
  expect(await run({}, grafana.url)).toEqual({ status: 2, said: [expect.stringContaining('GRAFANA_TOKEN')] });
  expect(await run(undefined, 'grafana.example.com')).toMatchObject({
    status: 2,
    said: [expect.stringContaining('usage')],
  });
});

it('says when Grafana refuses, or does not answer', async () => {
  expect(await run({ GRAFANA_TOKEN: 'wrong' })).toEqual({
    status: 1,
    said: [expect.stringContaining('GET /api/datasources: 401')],
  });
  expect(await run(undefined, 'http://127.0.0.1:1')).toEqual({
    status: 1,
    said: [expect.stringMatching(/no answer \(.*(bad port|ECONNREFUSED)/)],
  });
});
