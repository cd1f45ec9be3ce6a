import type { DeployReport, Differences, PublishedVersion } from './deploy-report.ts';

/** What a deployment changed, for people. */
export function reportLines({ stackName, published, aliases, functions, routes }: DeployReport): string[] {
  const short = (name: string) => (name.startsWith(`${stackName}-`) ? name.slice(stackName.length + 1) : name);
  const lines = [
    ...published.map((version) => versionLine(short(version.stateMachine), version)),
    ...aliases.map(({ alias, routing }) => `${short(alias)} -> ${routing.map(share).join(', ')}`),
    ...differences('Functions', mapped(functions, withoutHash)),
    ...differences('Routes', routes),
  ];
  return lines.length > 0 ? lines : ['Nothing changed.'];
}

/** `order-fulfillment version 4: steps with new code ChargePayment; states changed AwaitPicking` */
function versionLine(name: string, one: PublishedVersion): string {
  const { newCode, newConfiguration, changed, added, removed, otherwise } = one;
  const parts = [
    ...listed('steps with new code', newCode),
    ...listed('steps with another configuration', newConfiguration),
    ...listed('states changed', changed),
    ...listed('states added', added),
    ...listed('states removed', removed),
    ...(otherwise ? ['changed outside of its states'] : []),
  ];
  return `${name} version ${one.version}: ${parts.join('; ') || 'nothing but its role'}`;
}

const share = ({ version, weight }: { version: number; weight: number }) =>
  weight === 100 ? `version ${version}` : `version ${version} (${weight} %)`;

function differences(what: string, { added, removed, changed }: Differences): string[] {
  const parts = [...listed('changed', changed), ...listed('new', added), ...listed('gone', removed)];
  return parts.length > 0 ? [`${what}: ${parts.join('; ')}`] : [];
}

const listed = (what: string, names: readonly string[]) => (names.length > 0 ? [`${what} ${names.join(', ')}`] : []);

const mapped = ({ added, removed, changed }: Differences, map: (name: string) => string): Differences => {
  return { added: added.map(map), removed: removed.map(map), changed: changed.map(map) };
};

/** CDK ends logical ids with a digest of their path. */
const withoutHash = (logicalId: string) => logicalId.replace(/(?<=.)[0-9A-F]{8}$/, '');
