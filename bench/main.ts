/** `npm run bench [-- --only NAME]`: measures everything, prints tables, and the same as JSON at the end. */
import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { measureCost } from './cost-per-order.ts';
import { measureEngineTransitions } from './engine-transitions.ts';
import { measureInvoke } from './invoke.ts';
import { measureOrderSizes } from './order-size.ts';
import { measureOrders } from './orders.ts';
import { measureSmallWorkload } from './small-workload.ts';

const measurements: Record<string, () => Promise<object>> = {
  engine: () => measureEngineTransitions(),
  invoke: () => measureInvoke(),
  'small workload': () => measureSmallWorkload(),
  orders: () => measureOrders(),
  'order size': () => measureOrderSizes(),
  'cost per order': () => measureCost(),
};

const { values } = parseArgs({ options: { only: { type: 'string' }, help: { type: 'boolean' } } });
if (values.help || (values.only && !measurements[values.only])) {
  console.log(`npm run bench [-- --only "${Object.keys(measurements).join('|')}"]`);
  process.exit(values.help ? 0 : 1);
}

const results: Record<string, object> = {};
const [load = 0] = loadavg();
if (load > 1)
  console.error(
    `This machine is busy (load ${load.toFixed(1)}, ${availableParallelism()} cores): figures will be worse than it is.`,
  );
for (const [name, measure] of Object.entries(measurements)) {
  if (values.only && values.only !== name) continue;
  console.error(`measuring ${name} ...`);
  results[name] = await measure();
  const table = new Table({ head: [name, ''], colAligns: ['left', 'right'], style: { head: [], border: [] } });
  for (const [figure, value] of flat(results[name])) table.push([figure, value]);
  console.log(table.toString());
}
console.log(JSON.stringify(results));

function* flat(figures: object, prefix = ''): Generator<[string, string]> {
  for (const [name, value] of Object.entries(figures)) {
    if (typeof value === 'object' && value !== null) yield* flat(value, `${prefix}${name}.`);
    else yield [`${prefix}${name}`, typeof value === 'number' ? round(value) : String(value)];
  }
}

function round(value: number): string {
  return String(Number(value.toPrecision(value >= 1000 ? 6 : 3)));
}
