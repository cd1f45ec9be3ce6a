import { acceptedFunctions } from './aws/lambda/asynchronous.ts';
import type { FunctionDefinition } from './aws/lambda/functions.ts';
import { scheduledTexts } from './aws/scheduler/scheduler.ts';
import type { Checkpoints } from './engine/checkpoints.ts';
import type { Engine } from './engine/engine.ts';
import type { PublishedVersions } from './template/published-versions.ts';

/** The newest versions of each state machine that are kept, with their functions, even if nothing runs on them: one can go back to them. */
const KEPT_MACHINE_VERSIONS = 3;

/**
 * Gives up versions and code of functions that nothing needs any more, and the versions of state machines that name them. Needed is what is
 * named by a definition that something can still run by, by an invocation that is accepted, by a schedule, by the
 * environment of what is needed, or by one of the newest versions of a state machine.
 */
export function giveUpVersions(
  engine: Engine,
  published: PublishedVersions,
  functions: readonly FunctionDefinition[],
  store: Checkpoints,
): void {
  const { stateMachines } = engine;
  const versions = stateMachines.list().map(({ arn }) => stateMachines.versions(arn));
  const textOf = (version: (typeof versions)[number][number]) => stateMachines.definition(version).text;
  const inUse = [...engine.definitionsInUse(), ...acceptedFunctions(store), ...scheduledTexts(store)];
  const newest = versions.flatMap((newestFirst) => newestFirst.slice(0, KEPT_MACHINE_VERSIONS).map(textOf));
  const definitions = new Map(versions.flat().map((version) => [version.arn, textOf(version)]));
  const texts = withVersionsNamedIn([...inUse, ...newest], definitions);
  const present = new Set(functions.map(({ functionName }) => functionName));
  const givenUp = published.giveUp(present, texts);
  if (givenUp.length > 0) {
    const mention = new RegExp(`(?<![\\w-])(?:${givenUp.join('|')})(?!\\w)`);
    // A text that is needed names a version that goes only if that was never published, because a start was cut short. It cannot run,
    // and stays only where something was begun on it.
    const begun = withVersionsNamedIn(inUse, definitions);
    for (const version of versions.flat()) {
      const text = textOf(version);
      if (mention.test(text) && !begun.has(text)) stateMachines.deleteVersion(version.arn);
    }
  }
  // In this order: wherever this is cut short, nothing names what is gone already.
  published.save();
  published.removeCode();
}

/** A definition may start another state machine by a version of its own. */
function withVersionsNamedIn(roots: readonly string[], definitions: ReadonlyMap<string, string>): Set<string> {
  const texts = new Set(roots);
  for (const text of texts) {
    for (const [arn, definition] of definitions) {
      if (new RegExp(`${arn}(?!\\d)`).test(text)) texts.add(definition);
    }
  }
  return texts;
}
