import { describe, expect, it } from 'vitest';
import { readSettings } from '../../lib/settings.ts';

const read = (context: Record<string, unknown>) => readSettings((key) => ({ stage: 'prod', ...context })[key]);
const contacts = { warehouseEmail: 'w@shop.test', supervisorEmail: 's@shop.test', operatorEmail: 'o@shop.test' };

describe('settings', () => {
  it('need nothing but a stage: mails go to the sandbox outbox, callers sign with IAM', () => {
    const settings = read({ jwtIssuer: '', mailFrom: '' });
    expect(settings.stage).toBe('prod');
    expect(settings.mailFrom).toBeUndefined();
    expect(settings.jwt).toBeUndefined();
  });

  it('take a JWT issuer with one or more audiences', () => {
    const { jwt } = read({ jwtIssuer: 'https://id.shop.test', jwtAudience: 'web,app' });
    expect(jwt).toEqual({ issuer: 'https://id.shop.test', audience: ['web', 'app'], staffScope: 'staff' });
  });

  it('take a sender of mail together with everyone who is asked something', () => {
    const { mailFrom, contacts: asked } = read({ mailFrom: 'orders@shop.test', ...contacts });
    expect(mailFrom).toBe('orders@shop.test');
    expect(asked).toEqual({ warehouse: 'w@shop.test', supervisor: 's@shop.test', operator: 'o@shop.test' });
  });

  it.each([
    [{ stage: 'test' }, 'context stage must be prod or dev, found "test"'],
    [{ stage: undefined }, 'context stage must be prod or dev, found nothing'],
    [{ ...contacts, mailFrom: 'orders' }, 'context mailFrom must be a mail address, found "orders"'],
    [{ jwtIssuer: 'id', jwtAudience: 'web' }, 'context jwtIssuer must be the URL of a JWT issuer, found "id"'],
    [{ jwtStaffScope: 'a b' }, 'context jwtStaffScope must be one scope, without blanks, found "a b"'],
    [{ jwtIssuer: 'https://id.shop.test' }, 'context jwtAudience must be set, because jwtIssuer is set, found nothing'],
    [
      { mailFrom: 'orders@shop.test', ...contacts, operatorEmail: '' },
      'context operatorEmail must be set, because mailFrom is set and so mail goes out, found ""',
    ],
  ])('refuse %o with a sentence', (context, sentence) => {
    expect(() => read(context)).toThrow(`${sentence} (set it in cdk.json or with -c key=value)`);
  });
});
