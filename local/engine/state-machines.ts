import { randomUUID } from 'node:crypto';
import type { Machine } from '../asl/machine.ts';
import { type Place, parseStateMachineArn, stateMachineArn } from './arn.ts';
import { checkDefinition } from './definition-check.ts';
import type { DefinitionStore } from './definition-store.ts';
import type { Journal } from './journal.ts';
import { checkName } from './names.ts';
import { ServiceError } from './ports.ts';
import type { StateMachineRow, StateMachineStore, VersionRow } from './state-machine-store.ts';

export interface CreateStateMachine {
  name: string;
  definition: string;
  roleArn: string;
  type?: 'STANDARD' | 'EXPRESS' | undefined;
  loggingConfiguration?: object | undefined;
  tracingConfiguration?: object | undefined;
  publish?: boolean | undefined;
  versionDescription?: string | undefined;
}

export interface UpdateStateMachine {
  stateMachineArn: string;
  definition?: string | undefined;
  roleArn?: string | undefined;
  loggingConfiguration?: object | undefined;
  tracingConfiguration?: object | undefined;
  publish?: boolean | undefined;
  versionDescription?: string | undefined;
}

export interface StateMachines {
  /** The same request again answers the same; another one with the same name is StateMachineAlreadyExists. */
  create(request: CreateStateMachine): { stateMachine: StateMachineRow; version?: VersionRow };
  update(request: UpdateStateMachine): { stateMachine: StateMachineRow; updatedAt: number; version?: VersionRow };
  /** Running executions go on; they keep their definition. */
  delete(arn: string): void;
  get(arn: string): StateMachineRow;
  definition(row: Pick<StateMachineRow, 'definitionId'>): { text: string; machine: Machine };
  list(): StateMachineRow[];
  /** The published version of the current revision, made if there is none. */
  publish(request: {
    stateMachineArn: string;
    description?: string | undefined;
    revisionId?: string | undefined;
  }): VersionRow;
  deleteVersion(arn: string): void;
  getVersion(arn: string): VersionRow;
  versions(stateMachineArn: string): VersionRow[];
}

export interface StateMachinePorts {
  journal: Journal;
  store: StateMachineStore;
  definitions: DefinitionStore;
  place: Place;
  now(): number;
  supports(resource: string): boolean;
}

export function doesNotExist(arn: string): ServiceError {
  return new ServiceError('StateMachineDoesNotExist', `State Machine Does Not Exist: '${arn}'`);
}

/** State machines and their versions: the rules of the service. Every change is on the disk when the function returns. */
export function createStateMachines(ports: StateMachinePorts): StateMachines {
  const { journal, store, definitions, place, now, supports } = ports;

  function get(arn: string): StateMachineRow {
    const row = parseStateMachineArn(arn).kind === 'stateMachine' ? store.find(arn) : undefined;
    if (!row) throw doesNotExist(arn);
    return row;
  }

  function publishRevision(machine: StateMachineRow, description: string | undefined): VersionRow {
    const published = store.versions(machine.arn).find(({ revisionId }) => revisionId === machine.revisionId);
    if (published) return published;
    const version = machine.lastVersion + 1;
    const row: VersionRow = {
      arn: `${machine.arn}:${version}`,
      stateMachineArn: machine.arn,
      version,
      revisionId: machine.revisionId,
      description: description ?? null,
      roleArn: machine.roleArn,
      definitionId: machine.definitionId,
      logging: machine.logging,
      tracing: machine.tracing,
      createdAt: now(),
    };
    store.putVersion(row);
    store.put({ ...machine, lastVersion: version });
    return row;
  }

  function checkVersionDescription(publish: boolean | undefined, description: string | undefined): void {
    if (description === undefined || publish) return;
    throw new ServiceError('ValidationException', 'Version description can only be set when publish is true');
  }

  return {
    create(request) {
      const { name, definition, roleArn, type = 'STANDARD', publish, versionDescription } = request;
      const logging = text(request.loggingConfiguration);
      const tracing = text(request.tracingConfiguration);
      checkName(name);
      checkVersionDescription(publish, versionDescription);
      checkDefinition(definition, type, supports);
      const arn = stateMachineArn(place, name);
      const createdAs = JSON.stringify([
        definition,
        type,
        logging,
        tracing,
        publish ?? false,
        versionDescription ?? null,
      ]);
      const known = store.find(arn);
      if (known) {
        if (known.createdAs !== createdAs) {
          throw new ServiceError('StateMachineAlreadyExists', `State Machine Already Exists: '${arn}'`);
        }
        const version = publish ? store.versions(arn).at(-1) : undefined;
        return { stateMachine: known, ...(version && { version }) };
      }
      return journal.transact(() => {
        const stateMachine: StateMachineRow = {
          arn,
          name,
          type,
          roleArn,
          definitionId: definitions.add(definition),
          revisionId: null,
          logging,
          tracing,
          createdAs,
          lastVersion: 0,
          createdAt: now(),
        };
        store.put(stateMachine);
        return { stateMachine, ...(publish && { version: publishRevision(stateMachine, versionDescription) }) };
      });
    },

    update(request) {
      const { definition, roleArn, publish, versionDescription } = request;
      const machine = get(request.stateMachineArn);
      const logging = text(request.loggingConfiguration);
      const tracing = text(request.tracingConfiguration);
      if ([definition ?? null, roleArn ?? null, logging, tracing].every((value) => value === null)) {
        throw new ServiceError(
          'MissingRequiredParameter',
          'Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be specified',
        );
      }
      checkVersionDescription(publish, versionDescription);
      if (definition !== undefined) checkDefinition(definition, machine.type, supports);
      return journal.transact(() => {
        const changed: StateMachineRow = {
          ...machine,
          roleArn: roleArn ?? machine.roleArn,
          definitionId: definition === undefined ? machine.definitionId : definitions.add(definition),
          logging: logging ?? machine.logging,
          tracing: tracing ?? machine.tracing,
        };
        const same = (['roleArn', 'definitionId', 'logging', 'tracing'] as const).every(
          (m) => changed[m] === machine[m],
        );
        if (!same) changed.revisionId = randomUUID();
        store.put(changed);
        const version = publish ? publishRevision(changed, versionDescription) : undefined;
        return { stateMachine: changed, updatedAt: now(), ...(version && { version }) };
      });
    },

    delete(arn) {
      if (parseStateMachineArn(arn).kind === 'stateMachine') journal.transact(() => store.remove(arn));
    },

    get,
    definition: ({ definitionId }) => ({
      text: definitions.text(definitionId),
      // Parsed only for those who look at it.
      get machine() {
        return definitions.machine(definitionId);
      },
    }),
    list: store.list,

    publish({ stateMachineArn: arn, description, revisionId }) {
      const machine = get(arn);
      const current = machine.revisionId ?? 'INITIAL';
      if (revisionId !== undefined && revisionId !== current) {
        throw new ServiceError(
          'ConflictException',
          `Failed to publish the State Machine version for revision ${revisionId}. The current State Machine revision is ${current}.`,
        );
      }
      return journal.transact(() => publishRevision(machine, description));
    },

    deleteVersion(arn) {
      const { kind, stateMachineArn: machine } = parseStateMachineArn(arn);
      if (kind !== 'version') return;
      const users = store.aliases(machine).filter((a) => a.routing.some((r) => r.stateMachineVersionArn === arn));
      if (users.length > 0) {
        const names = users.map(({ name }) => name).join(', ');
        throw new ServiceError(
          'ConflictException',
          `Version to be deleted must not be referenced by an alias. Current list of aliases referencing this version: [${names}]`,
        );
      }
      journal.transact(() => store.removeVersion(arn));
    },

    getVersion(arn) {
      const row = store.findVersion(arn);
      if (!row) throw doesNotExist(arn);
      return row;
    },

    versions(arn) {
      return store.versions(get(arn).arn);
    },
  };
}

function text(value: object | undefined): string | null {
  return value === undefined ? null : JSON.stringify(value);
}
