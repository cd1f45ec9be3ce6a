/** A Lambda host in a process of its own, to be killed: one environment waits for work, one is in the middle of an invocation. */
import { hostWith } from './functions.ts';

const host = await hostWith({
  idle: { code: 'export const handler = async () => 1;' },
  busy: {
    code: 'export const handler = () => new Promise((resolve) => setTimeout(resolve, 600_000));',
    timeoutSeconds: 900,
  },
});
await host.call('idle');
void host.call('busy');
const look = setInterval(() => {
  if (!host.environments().some(({ busy }) => busy)) return;
  clearInterval(look);
  console.log(JSON.stringify(host.environments().map(({ pid }) => pid)));
}, 10);
