import { types } from 'node:util';

/** What a thrown value becomes in the answer to the caller: `{ errorType, errorMessage, trace }`. */
export function describeError(thrown) {
  try {
    if (types.isNativeError(thrown) || (typeof thrown?.message === 'string' && typeof thrown.stack === 'string')) {
      return { errorType: thrown.name, errorMessage: thrown.message, trace: String(thrown.stack).split('\n') };
    }
    return { errorType: typeof thrown, errorMessage: String(thrown), trace: [] };
  } catch {
    return {
      errorType: 'handled',
      errorMessage: 'The function failed with an error whose message, name or stack cannot be read.',
      trace: [],
    };
  }
}
