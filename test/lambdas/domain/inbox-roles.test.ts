import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { answersOf, kindsOf, sees } from '../../../lambdas/domain/inbox-roles.ts';
import { contacts, type WaitMessage, waitKinds } from '../../../lambdas/domain/wait.ts';
import { isWait, statesIn } from '../../../statemachines/rules/process.ts';
import { orderDefinition } from '../../support/order-definition.ts';

type Asked = Pick<WaitMessage, 'contact' | 'kind' | 'actions'>;

describe('roles in the inbox', () => {
  it('every kind of wait is seen, and answered, by somebody', () => {
    for (const kind of waitKinds) expect(contacts.filter((role) => sees(role, kind))).not.toEqual([]);
  });

  it('whoever the process asks may give each of the answers that it asks for, and no answer is in the table that nothing asks for', () => {
    const asked = statesIn(JSON.parse(orderDefinition)).flatMap(([, state]) =>
      isWait(state) ? [state.Arguments!.MessageBody as Asked] : [],
    );
    for (const { contact, kind, actions } of asked)
      if (contact) expect(answersOf(contact, { kind, actions })).toEqual(actions);
    const source = readFileSync('lambdas/domain/inbox-roles.ts', 'utf8');
    const inTable = [...source.matchAll(/\[((?:'[a-z-]+'(?:, )?)+)\]/g)].flatMap((match) =>
      match[1]!.replaceAll("'", '').split(', '),
    );
    expect([...new Set(inTable)].sort()).toEqual([...new Set(asked.flatMap(({ actions }) => actions))].sort());
  });

  it('only operators see what is stuck, and they give no answer of the warehouse', () => {
    expect(contacts.filter((role) => sees(role, 'operator'))).toEqual(['operator']);
    expect(answersOf('operator', { kind: 'picking', actions: ['picked'] })).toEqual([]);
    expect(answersOf('warehouse', { kind: 'operator', actions: ['try-again'] })).toEqual([]);
  });

  it('nobody may answer what the wait does not ask, nor what the table does not have', () => {
    expect(answersOf('warehouse', { kind: 'carrier-pickup', actions: [] })).toEqual([]);
    expect(answersOf('warehouse', { kind: 'carrier-pickup' })).toEqual([]);
    expect(answersOf('operator', { kind: 'operator', actions: ['try-again', 'burn'] })).toEqual(['try-again']);
  });

  it('what a role sees first is its own work', () => {
    expect(contacts.map((role) => kindsOf(role)[0])).toEqual(['picking', 'picking', 'operator']);
  });
});
