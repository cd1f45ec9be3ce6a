import { Problem } from '../middleware/problem-json.ts';

/** Every link that is none of ours, whatever is wrong with it: the answer tells nothing, least of all what to try next. */
export const invalidLink = () =>
  new Problem(
    403,
    'invalid-link',
    'This link is not valid',
    'Please use the link exactly as it was sent to you. Perhaps your mail program has cut it off at the end of a line.',
  );

/** It was ours; the time to answer is over. */
export const expiredLink = () =>
  new Problem(
    410,
    'expired-link',
    'This link has expired',
    'It can no longer be answered, and there is nothing to do.',
  );

/** It was ours; somebody asked for a new one and had the others retired. */
export const retiredLink = () =>
  new Problem(
    410,
    'retired-link',
    'This link was replaced by a newer one',
    'Please use the newest link that was sent to you. If you have none, somebody else has been asked.',
  );
