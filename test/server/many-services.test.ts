import { afterAll, beforeAll, expect, it } from 'vitest';
import { exchange, World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await World.start();
  await world.spans(Array.from({ length: 1003 }, (_, i) => exchange(`service-${i}`, world.now - 60_000)));
  await world.post('/settle', {});
});
afterAll(() => world.end());

interface Service {
  readonly name: string;
  readonly findings: readonly { kind: string; detail: string; evidence: object }[];
}

it('a thousand services that nobody declared are told apart, the rest is one, also after a restart', async () => {
  for (let life = 0; life < 2; life++) {
    const services: Service[] = [];
    for (let cursor: string | undefined = ''; cursor !== undefined; ) {
      const page: { services: Service[]; nextCursor?: string } = await world.get(
        `/services?limit=600${cursor === '' ? '' : `&cursor=${cursor}`}`,
      );
      services.push(...page.services);
      cursor = page.nextCursor;
    }
    expect(services).toHaveLength(1001);
    const other = services.find(({ name }) => name === 'other')!;
    expect(other.findings).toMatchObject([
      { kind: 'other_services', evidence: { services: 3, examples: ['service-1000', 'service-1001', 'service-1002'] } },
    ]);
    const { interactions } = await world.get<{ interactions: { service: string }[] }>('/services/other/interactions');
    expect(interactions.map(({ service }) => service).sort()).toEqual(['service-1000', 'service-1001', 'service-1002']);
    await world.restart();
  }
});
