import { largestDefinitionBytes, largestPayloadBytes } from '../../engine/limits.ts';

/** Members that several operations share. */
export const arn = { type: 'text', required: true, min: 1, max: 256 } as const;
export const name = { type: 'text', min: 1, max: 80 } as const;
export const definition = { type: 'text', max: largestDefinitionBytes, secret: true } as const;
/** JSON text of a user: never repeated in an error. */
export const payload = { type: 'text', max: largestPayloadBytes, secret: true } as const;
export const description = { type: 'text', max: 256 } as const;
export const error = { type: 'text', max: 256, secret: true } as const;
export const cause = { type: 'text', max: 32_768, secret: true } as const;
export const taskToken = { type: 'text', required: true, min: 1, max: 2048 } as const;
export const maxResults = { type: 'integer', min: 0, max: 1000 } as const;
export const nextToken = { type: 'text', min: 1, max: 1024 } as const;
export const machineType = { type: 'text', oneOf: ['STANDARD', 'EXPRESS'] } as const;
