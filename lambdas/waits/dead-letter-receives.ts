/**
 * SQS counts the receives of a message across all queues: a dead letter comes with those of the waits queue. As many as
 * lib/waits-queue.ts allows there, which a test compares.
 */
export const receivesInWaitsQueue = 60;
