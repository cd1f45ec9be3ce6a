import { ServiceError } from './ports.ts';

/** Characters that the name of a state machine or execution must not have. The length is checked at the door. */
const forbidden = /[\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}]/u;

export function checkName(name: string): void {
  if (name === '' || forbidden.test(name)) throw new ServiceError('InvalidName', `Invalid Name: '${name}'`);
}
