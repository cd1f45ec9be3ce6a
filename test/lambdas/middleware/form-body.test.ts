import { describe, expect, it } from 'vitest';
import { formFields } from '../../../lambdas/middleware/form-body.ts';

describe('the fields of a form', () => {
  it('are texts, decoded as a browser encodes them', () => {
    expect(formFields('name=Ada+Byron&sign=%26%3D%2B&umlaut=%C3%BC&empty=')).toEqual({
      name: 'Ada Byron',
      sign: '&=+',
      umlaut: 'ü',
      empty: '',
    });
  });

  it('that come twice are a list, which fits no schema of a text', () => {
    expect(formFields('action=picked&by=Ada&action=burn')).toEqual({ action: ['picked', 'burn'], by: 'Ada' });
  });

  it('have line breaks of one character', () => {
    expect(formFields('reason=one%0D%0Atwo%0d%0athree')).toEqual({ reason: 'one\ntwo\nthree' });
  });

  it('may be many: a body full of fields takes no longer than its length', () => {
    const names = Array.from({ length: 30_000 }, (_, n) => n.toString(36));
    expect(Object.keys(formFields(names.join('=&')))).toHaveLength(names.length);
  });

  it('are never taken for members that every object has', () => {
    expect(Object.hasOwn(formFields('__proto__=x&action=picked'), '__proto__')).toBe(true);
  });
});
