import { brokenPromises as brokenOfAll, simulate } from '../../test/simulation/delivery.ts';
import { brokenPromises as brokenOfTickets, simulateTickets } from '../../test/simulation/tickets.ts';

const SHOWN = 20;

/** So many incidents begin in one day; more of them are more days, each with a seed of its own. */
const A_DAY = 200;

/**
 * Days of incidents, told through bad weather by a process that is killed now and then: first to a webhook, two Alertmanagers, a desk
 * and a chat, then to ServiceNow, Jira, iTop and Grafana as they behave. @returns the exit status: 1 when a promise was broken
 */
export async function simulateDeliveries(seed: number, incidents: number): Promise<number> {
  const sums = { incidents: 0, messages: 0, attempts: 0, superseded: 0, kills: 0, broken: 0 };
  for (let day = 0; day * A_DAY < incidents; day++) {
    const began = performance.now();
    const today = Math.min(A_DAY, incidents - day * A_DAY);
    const world = await simulate(seed + day, today);
    const tickets = await simulateTickets(seed + day, today);
    const broken = [...brokenOfAll(world), ...brokenOfTickets(tickets)];
    const events = [...world.events, ...tickets.events];
    sums.incidents += world.incidents.size;
    sums.messages += world.store.rows.length + tickets.store.rows.length;
    sums.attempts += events.filter(({ type }) => type === 'attempt').length;
    sums.superseded += events.filter(({ type }) => type === 'superseded').length;
    sums.kills += world.kills;
    sums.broken += broken.length;
    const took = ((performance.now() - began) / 1000).toFixed(0);
    console.log(`seed ${seed + day}: ${today} incidents, ${broken.length} promises broken (${took} s)`);
    for (const one of broken.slice(0, SHOWN)) console.log(`  ${one}`);
  }
  console.log(
    `${sums.incidents} incidents to nine destinations: ${sums.messages} messages, ${sums.attempts} attempts, ${sums.superseded} not said because something newer was, ${sums.kills} kills; ${sums.broken} promises broken`,
  );
  return sums.broken === 0 ? 0 : 1;
}
