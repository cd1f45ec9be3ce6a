import * as z from 'zod';
import { waitIdPattern } from '../domain/wait.ts';

export const waitIdField = z.string().regex(waitIdPattern);

/** In the cursor of a list of open waits: the wait that the page before ended with (`WaitPosition`). */
export const waitPositionFields = { waitId: waitIdField, openedAt: z.iso.datetime() };
