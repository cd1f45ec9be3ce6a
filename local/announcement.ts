import type { Runtime } from './runtime.ts';

/** What a person needs to know about a runtime that is up. */
export function announcement(runtime: Runtime): string {
  const places: [string, string][] = [
    ...Object.values(runtime.apiUrls).map((url): [string, string] => ['API and pages', url]),
    ['AWS services', `${runtime.awsEndpoint}   (aws --endpoint-url ${runtime.awsEndpoint} ...)`],
    ['State', runtime.stateDir],
    ['Mails', runtime.mailboxDir],
    ['Logs', runtime.logsDir],
    ['Edits', 'npm run deploy:local   (takes them up without a restart)'],
    ['Time', `${new Date(runtime.clock.now()).toISOString()}   (npm run clock -- advance 3d)`],
  ];
  return [
    '',
    `${runtime.stackName} runs on this machine.`,
    '',
    ...aligned(places),
    '',
    ...aligned(Object.entries(runtime.outputs)),
    '',
    'Its key: export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local AWS_REGION=us-east-1',
    ...ignoredLine(runtime.ignored),
    'Ctrl-C stops it; what is under way goes on at the next start.',
    '',
  ].join('\n');
}

function aligned(pairs: [string, string][]): string[] {
  const width = Math.max(...pairs.map(([name]) => name.length));
  return pairs.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`);
}

function ignoredLine(ignored: Runtime['ignored']): string[] {
  if (ignored.length === 0) return [];
  const counts = new Map<string, number>();
  for (const { type } of ignored) counts.set(type, (counts.get(type) ?? 0) + 1);
  const types = [...counts].map(([type, count]) => (count > 1 ? `${count} ${type}` : type));
  return [`Without effect here: ${types.join(', ')}.`];
}
