import { describe, expect, it } from 'vitest';
import { answersOf, kindsOf, sees } from '../../../lambdas/domain/inbox-roles.ts';
import { contacts, waitKinds } from '../../../lambdas/domain/wait.ts';

describe('roles in the inbox', () => {
  it('every kind of wait is seen, and answered, by somebody', () => {
    for (const kind of waitKinds) expect(contacts.filter((role) => sees(role, kind))).not.toEqual([]);
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
