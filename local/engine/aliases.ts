import { parseStateMachineArn } from './arn.ts';
import type { Journal } from './journal.ts';
import { ServiceError } from './ports.ts';
import type { Route } from './route.ts';
import type { AliasRow, StateMachineStore } from './state-machine-store.ts';

export interface Aliases {
  /** Answers the state machine whose versions they are. Throws ValidationException, ResourceNotFound. */
  check(routing: Route[]): string;
  /** The same request again answers the same; the same name with another routing is a ConflictException. */
  create(request: { name: string; description?: string | undefined; routing: Route[] }): AliasRow;
  update(request: { arn: string; description?: string | undefined; routing?: Route[] | undefined }): AliasRow;
  delete(arn: string): void;
  get(arn: string): AliasRow;
  list(stateMachineArn: string): AliasRow[];
}

export interface AliasPorts {
  journal: Journal;
  store: StateMachineStore;
  now(): number;
}

function notFound(): ServiceError {
  return new ServiceError('ResourceNotFound', 'Request references a resource that does not exist.');
}

function refusal(message: string): ServiceError {
  return new ServiceError('ValidationException', message);
}

/** Names for one version or, with weights, two versions of a state machine. */
export function createAliases({ journal, store, now }: AliasPorts): Aliases {
  function checkRouting(routing: Route[]): string {
    const arns = routing.map(({ stateMachineVersionArn }) => stateMachineVersionArn);
    const names = arns.map(parseStateMachineArn);
    if (names.some(({ kind }) => kind !== 'version')) {
      throw refusal(`Routing configuration must contain state machine version ARNs. Received: [${arns.join(', ')}]`);
    }
    if (new Set(names.map(({ stateMachineArn }) => stateMachineArn)).size > 1) {
      throw refusal(
        `Routing configuration must contain versions of the same state machine. Received: [${arns.join(', ')}]`,
      );
    }
    if (new Set(arns).size !== arns.length) {
      throw refusal(
        `Routing configuration must contain distinct state machine version ARNs. Received: [${arns.join(', ')}]`,
      );
    }
    const weights = routing.map(({ weight }) => weight);
    if (weights.reduce((sum, weight) => sum + weight, 0) !== 100) {
      throw refusal(`Sum of routing configuration weights must equal 100. Received: [${weights.join(', ')}]`);
    }
    if (arns.some((arn) => !store.findVersion(arn))) throw notFound();
    return names[0]!.stateMachineArn;
  }

  function get(arn: string): AliasRow {
    parseStateMachineArn(arn);
    const row = store.findAlias(arn);
    if (!row) throw notFound();
    return row;
  }

  return {
    check: checkRouting,

    create({ name, description, routing }) {
      const stateMachineArn = checkRouting(routing);
      const arn = `${stateMachineArn}:${name}`;
      const known = store.findAlias(arn);
      if (known) {
        const same =
          JSON.stringify(known.routing) === JSON.stringify(routing) && known.description === (description ?? null);
        if (same) return known;
        throw new ServiceError(
          'ConflictException',
          'Failed to create alias because an alias with the same name and a different routing configuration already exists.',
        );
      }
      const at = now();
      const row: AliasRow = {
        arn,
        stateMachineArn,
        name,
        description: description ?? null,
        routing,
        createdAt: at,
        updatedAt: at,
        deployment: null,
      };
      journal.transact(() => store.putAlias(row));
      return row;
    },

    update({ arn, description, routing }) {
      const known = get(arn);
      if (routing && checkRouting(routing) !== known.stateMachineArn) throw notFound();
      const row: AliasRow = {
        ...known,
        description: description ?? known.description,
        routing: routing ?? known.routing,
        // Whoever sets the routing by hand ends what is going on, and it is not begun again.
        deployment: routing && known.deployment ? { ...known.deployment, status: 'replaced' } : known.deployment,
        updatedAt: now(),
      };
      journal.transact(() => store.putAlias(row));
      return row;
    },

    delete(arn) {
      parseStateMachineArn(arn);
      journal.transact(() => store.removeAlias(arn));
    },

    get,
    list: store.aliases,
  };
}
