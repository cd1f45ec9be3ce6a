/** What of waits both the functions and the stack that deploys them must know. The times of the waits themselves are rows of the process. */

/**
 * How long a mailed link can be used: a week longer than its wait's first deadline, because an escalation asks again
 * with a fresh deadline and must not kill the link that the first contact is about to open.
 */
export const linkGraceSeconds = 7 * 24 * 60 * 60;

/**
 * Three hours, a receive every three minutes: so long is a message tried, before its wait is failed and its order undone. Longer than an outage
 * of the consumer should last: an hour of it cancels nothing. And long before the shortest wait of a day is over: a message
 * that nobody can ever read is bounded by it too. Not sooner, because what one version cannot read may be sound for the
 * version that is rolled back to; the alarm WaitsNotOpened calls somebody after a quarter of an hour.
 */
export const receivesUntilGivenUp = 3 * 20;
