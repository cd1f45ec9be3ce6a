import { resumeDefinition } from '../../statemachines/resume/resume-definition.ts';

interface Defined {
  arn: string;
  definition: string;
}

/**
 * For each version of the process the versions of the resume machine in which its executions can go on, oldest first: those
 * whose definition is made from its own. None where the resume machine was made otherwise than it is now, or not at all.
 */
export function pairsOf<Main extends Defined, Resume extends Defined>(
  mains: readonly Main[],
  resumes: readonly Resume[],
): Map<string, Resume[]> {
  const made = new Map<string, string | undefined>();
  const resumedAs = (definition: string): string | undefined => {
    if (!made.has(definition)) made.set(definition, attempt(definition));
    return made.get(definition);
  };
  return new Map(
    mains.map(({ arn, definition }) => [arn, resumes.filter((one) => one.definition === resumedAs(definition))]),
  );
}

/** A definition that is not resumable, deployed before there was a resume machine, has no pair. */
function attempt(definition: string): string | undefined {
  try {
    return resumeDefinition(definition);
  } catch {
    return undefined;
  }
}
