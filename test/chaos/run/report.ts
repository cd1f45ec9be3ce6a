/** What came of a run, for people. */
import type { ChaosResult } from './chaos.ts';

/** @param without the same orders with nothing broken */
export function printReport(result: ChaosResult, without?: ChaosResult): void {
  const { discrepancies, outcomes, faults, mailsTwice, playedSeconds, settledSeconds, memory, disk } = result;
  table('Outcomes', outcomes);
  table('Undos that gave up, and what operators did', result.operators);
  const hit = faults.rules.filter(({ hits }) => hits > 0);
  const hits = hit.reduce((sum, rule) => sum + rule.hits, 0);
  console.log(`\nFaults: ${hits} hits of ${hit.length} rules, ${result.kills} kills, ${result.jumps} jumps of time`);
  if (result.deployments > 0)
    console.log(
      `${result.deployments} versions were deployed meanwhile, and ${result.work.executions - result.orders} executions moved there; ${result.migrationsKilled} migrations were killed`,
    );
  for (const { name, hits, calls } of hit.sort((a, b) => b.hits - a.hits))
    console.log(`${pad(hits)}  of ${calls} ${name}`);
  const never = faults.rules.filter(({ hits }) => hits === 0).map(({ name }) => name);
  if (never.length > 0) console.log(`   never: ${never.join(', ')}`);

  table('Tried again, by state', result.work.retries);
  table('Because of', result.work.errors);
  console.log('\nCost of an order');
  const before = without && costOf(without);
  for (const [what, count] of Object.entries(costOf(result))) {
    const ratio = before?.[what] ? `  x ${(count / before[what]).toFixed(2)} of ${before[what].toFixed(1)}` : '';
    console.log(`${pad(count.toFixed(1))}  ${what}${ratio}`);
  }
  if (before) console.log('   (x: against the same orders with nothing broken)');

  console.log(`\n${mailsTwice} mails came twice (SES cannot be asked what it sent).`);
  console.log(`Played in ${playedSeconds.toFixed(0)} s, settled in ${settledSeconds.toFixed(0)} s.`);
  const { beginMb, mostMb, endMb } = memory;
  console.log(
    `Memory of all processes: ${mb(beginMb)} at first, ${mb(mostMb)} at most, ${mb(endMb)} at the end. State on the disk: ${mb(sum(disk.begin))}, then ${mb(sum(disk.end))} (${Object.entries(
      disk.end,
    )
      .filter(([, size]) => size >= 0.1)
      .sort(([, a], [, b]) => b - a)
      .map(([name, size]) => `${name} ${mb(size)}`)
      .join(', ')}).`,
  );
  if (result.pace) {
    const { orders, first, last } = result.pace;
    const compared = (at: number, then: number) =>
      `${at.toFixed(2)} s at first, ${then.toFixed(2)} s at last: x ${(then / at).toFixed(2)}`;
    console.log(
      `The first ${orders} orders against the last ${orders}: one every ${compared(first.wall, last.wall)}; CPU of all processes for each ${compared(first.cpu, last.cpu)}.`,
    );
  }
  if (result.deadLetters.length > 0) console.log('\nMessages that were given up, and what took their place');
  for (const sentence of result.deadLetters) console.log(`  ${sentence}`);
  console.log(discrepancies.length === 0 ? '\nThe books add up.' : `\n${discrepancies.length} discrepancies:`);
  for (const sentence of discrepancies) console.log(`  ${sentence}`);
}

/** Per order: what it is billed by, where it is deployed. */
export function costOf({
  work,
  calls,
  orders,
}: Pick<ChaosResult, 'work' | 'calls' | 'orders'>): Record<string, number> {
  const perOrder = (count: number) => count / Math.max(1, orders);
  return {
    'state transitions': perOrder(work.transitions),
    'invocations of functions': perOrder(calls.invocations),
    ...Object.fromEntries(
      Object.entries(calls.requests)
        .filter(([, count]) => count > 0)
        .map(([service, count]) => [`requests to ${service}`, perOrder(count)]),
    ),
  };
}

function table(title: string, counts: Readonly<Record<string, number>>): void {
  const rows = Object.entries(counts).sort(([, a], [, b]) => b - a);
  if (rows.length === 0) return;
  console.log(`\n${title}`);
  for (const [name, count] of rows) console.log(`${pad(count)}  ${name}`);
}

const sum = (sizes: Readonly<Record<string, number>>) => Object.values(sizes).reduce((total, size) => total + size, 0);
const mb = (size: number) => `${size.toFixed(size < 10 ? 1 : 0)} MB`;
const pad = (count: number | string) => String(count).padStart(8);
