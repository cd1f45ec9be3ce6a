import { createHash } from 'node:crypto';
import { type Machine, parseMachine } from '../asl/machine.ts';
import type { Journal } from './journal.ts';

/** Definition texts, each stored once. An execution keeps the definition that it was started with. */
export interface DefinitionStore {
  /** Only inside a write of the journal. */
  add(text: string): number;
  text(id: number): string;
  /** Parsed at most once per process, as long as it is in use. */
  machine(id: number): Machine;
}

/** Parsed machines kept in memory; a runtime has a handful. */
const mostMachines = 256;

export function openDefinitionStore(journal: Journal): DefinitionStore {
  const find = journal.database.prepare('SELECT id FROM definitions WHERE hash = ?');
  const insert = journal.database.prepare('INSERT INTO definitions (hash, text) VALUES (?, ?)');
  const select = journal.database.prepare('SELECT text FROM definitions WHERE id = ?');
  const machines = new Map<number, Machine>();

  function text(id: number): string {
    const row = select.get(id) as { text: string } | undefined;
    if (!row) throw new Error(`The journal has no definition ${id}.`);
    return row.text;
  }

  return {
    add(definition) {
      const hash = createHash('sha256').update(definition).digest('hex');
      const known = find.get(hash) as { id: number } | undefined;
      return known?.id ?? Number(insert.run(hash, definition).lastInsertRowid);
    },
    text,
    machine(id) {
      let machine = machines.get(id);
      if (!machine) {
        machine = parseMachine(text(id));
        if (machines.size >= mostMachines) machines.delete(machines.keys().next().value!);
        machines.set(id, machine);
      }
      return machine;
    },
  };
}
