/** Why an intrinsic function could not do its work; becomes the cause of a States.IntrinsicFailure. */
export class IntrinsicRefused extends Error {}
