/** A Lambda host in a process of its own, to be killed: one environment waits for work, one waits in its handler, one computes in it. */
import { hostWith } from './functions.ts';

const host = await hostWith({
  idle: { code: 'export const handler = async () => 1;' },
  computing: { code: 'export const handler = () => { for (;;); };', timeoutSeconds: 900 },
  busy: {
    code: 'export const handler = () => new Promise((resolve) => setTimeout(resolve, 600_000));',
    timeoutSeconds: 900,
  },
});
await host.call('idle');
void host.call('busy');
void host.call('computing');
const look = setInterval(() => {
  if (host.environments().filter(({ busy }) => busy).length < 2) return;
  clearInterval(look);
  console.log(JSON.stringify(host.environments().map(({ pid }) => pid)));
}, 10);
