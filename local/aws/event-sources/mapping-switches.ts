/**
 * The event source mappings that run, and whether each is switched on: as the template says, until an operator says otherwise. What
 * was switched holds over restarts, and ends when the template itself changes its word, as a deployment would overwrite it.
 */
import type { Checkpoints } from '../../engine/checkpoints.ts';
import { type Clock, ServiceError } from '../../engine/ports.ts';
import type { EventSource, EventSourceMapping } from './mapping.ts';

export interface MappingState {
  uuid: string;
  mapping: EventSourceMapping;
  enabled: boolean;
  /** A switch is on its way. */
  changing: boolean;
  /** Milliseconds of the clock. */
  changedAtMs: number;
}

export interface MappingSwitches {
  list(): readonly Readonly<MappingState>[];
  /** Throws ResourceNotFoundException. */
  get(uuid: string): Readonly<MappingState>;
  /** Whether a mapping starts switched on. */
  register(uuid: string, mapping: EventSourceMapping, inTemplate: boolean): boolean;
  /** The source that runs for a mapping. */
  attach(uuid: string, source: EventSource): void;
  /** Resolves when it is stored and done. */
  set(uuid: string, enabled: boolean): Promise<void>;
}

interface Entry extends MappingState {
  inTemplate: boolean;
  source?: EventSource;
  /** One switch after the other. */
  switching: Promise<void>;
}

interface Switched {
  inTemplate: boolean;
  enabled: boolean;
  changedAtMs: number;
}

const store = 'lambda-event-source-mappings';

export function openMappingSwitches(checkpoints: Checkpoints, clock: Clock): MappingSwitches {
  const entries = new Map<string, Entry>();
  const startedAtMs = clock.now();

  function get(uuid: string): Entry {
    const entry = entries.get(uuid);
    if (entry) return entry;
    throw new ServiceError('ResourceNotFoundException', 'The resource you requested does not exist.', 404);
  }

  return {
    list: () => [...entries.values()],
    get,
    register(uuid, mapping, inTemplate) {
      const stored = checkpoints.get(store, uuid);
      const switched = stored === undefined ? undefined : (JSON.parse(stored) as Switched);
      const holds = switched?.inTemplate === inTemplate;
      entries.set(uuid, {
        uuid,
        mapping,
        inTemplate,
        enabled: holds ? switched.enabled : inTemplate,
        changing: false,
        changedAtMs: holds ? switched.changedAtMs : startedAtMs,
        switching: Promise.resolve(),
      });
      return get(uuid).enabled;
    },
    attach(uuid, source) {
      get(uuid).source = source;
    },
    set(uuid, enabled) {
      const entry = get(uuid);
      const step = entry.switching.then(async () => {
        const changedAtMs = clock.now();
        const switched: Switched = { inTemplate: entry.inTemplate, enabled, changedAtMs };
        Object.assign(entry, { enabled, changedAtMs, changing: true });
        await checkpoints.set(store, uuid, JSON.stringify(switched));
        await (enabled ? entry.source?.enable() : entry.source?.disable());
        entry.changing = false;
      });
      entry.switching = step.catch(() => {});
      return step;
    },
  };
}
