import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { FunctionConfiguration, FunctionDefinition } from '../aws/lambda/functions.ts';
import { writeAtomically } from '../write-atomically.ts';
import { type CodeStore, openCodeStore } from './code-store.ts';
import { type KnownFunction, type NamedFunctions, namedFunctions } from './named-functions.ts';
import { parseVersionBook, type VersionBook } from './version-book.ts';

/** The newest of each function of the template that are kept even if nothing names them. */
const KEPT_VERSIONS = 3;

/**
 * Functions, their published versions and their code over all starts of a state folder. A version keeps its number, and is what it was when it
 * was published: code, limits and environment. Nothing is given up before `giveUp` finds that nothing needs it any more.
 */
export interface PublishedVersions {
  readonly code: CodeStore;
  /** These resources are the versions in the template from now on. Each gets the number of an earlier start, or the next one. */
  number(resources: readonly { functionName: string; logicalId: string }[]): string[];
  /** `configuration` is what this version is from now on, unless it was published already. */
  publish(functionName: string, logicalId: string, configuration: FunctionConfiguration): void;
  /** What the template says of the function itself. Aliases that are not in it any more stay until nothing needs them. */
  update(functionName: string, latest: FunctionConfiguration, aliases: Record<string, string>): void;
  /** With versions and the time of the last change; and after them functions that are in no template any more, with what is left of them. */
  complete(functions: readonly FunctionDefinition[]): FunctionDefinition[];
  delete(functionName: string, version: string): void;
  /** Addresses that environments name, old to new. */
  moved(addresses: ReadonlyMap<string, string>): void;
  /** Keeps what these texts need, and the newest few of the functions that are present. Answers the versions and aliases that go, as `<function>:<qualifier>`. */
  giveUp(present: ReadonlySet<string>, texts: readonly string[] | ReadonlySet<string>): string[];
  /** Removes code that no function names any more. */
  removeCode(): void;
  /** Writes what changed. */
  save(): void;
  /** Forgets what was not saved. */
  discard(): void;
}

type Entry = VersionBook[string];

export function openPublishedVersions(stateDir: string, now: () => number = Date.now): PublishedVersions {
  const file = join(stateDir, 'function-versions.json');
  const codeDir = join(stateDir, 'code');
  const code = openCodeStore(codeDir);
  let saved = existsSync(file) ? readFileSync(file, 'utf8') : '{}';
  let book = parseVersionBook(saved, file);

  // The state folder may have been moved.
  for (const configuration of Object.values(book).flatMap(allConfigurations)) {
    configuration.codeDir = join(codeDir, basename(configuration.codeDir));
  }

  const templateAliases = new Map<string, ReadonlySet<string>>();
  const entryOf = (functionName: string) => (book[functionName] ??= { last: 0, versions: {}, aliases: {} });
  const dated = (configuration: FunctionConfiguration) => {
    return { ...configuration, lastModified: new Date(now()).toISOString() };
  };

  return {
    code,
    number(resources) {
      for (const { versions } of Object.values(book)) {
        for (const [number, version] of Object.entries(versions)) {
          delete version.inTemplate;
          const stays = resources.some(({ logicalId }) => logicalId === version.logicalId);
          if (version.deleted && !stays) delete versions[number];
        }
      }
      return resources.map(({ functionName, logicalId }) => {
        const entry = entryOf(functionName);
        const known = Object.entries(entry.versions).find(([, version]) => version.logicalId === logicalId);
        const number = known?.[0] ?? String(++entry.last);
        entry.versions[number] = { logicalId, ...known?.[1], inTemplate: true };
        return number;
      });
    },
    publish(functionName, logicalId, configuration) {
      const version = Object.values(entryOf(functionName).versions).find((one) => one.logicalId === logicalId);
      if (version && !version.deleted) version.configuration ??= dated(configuration);
    },
    update(functionName, latest, aliases) {
      const entry = entryOf(functionName);
      const { lastModified: _, ...before } = entry.latest ?? {};
      if (!isDeepStrictEqual(before, latest)) entry.latest = dated(latest);
      entry.aliases = { ...entry.aliases, ...aliases };
      templateAliases.set(functionName, new Set(Object.keys(aliases)));
    },
    complete(functions) {
      const present = new Set(functions.map(({ functionName }) => functionName));
      const left = Object.entries(book).flatMap(([functionName, entry]): FunctionDefinition[] => {
        const base = entry.latest ?? configurations(entry).at(-1)?.[1];
        if (present.has(functionName) || !base) return [];
        return [{ ...(base as FunctionConfiguration), functionName, aliases: entry.aliases }];
      });
      return [...functions, ...left].map((definition): FunctionDefinition => {
        const entry = book[definition.functionName];
        const lastModified = entry?.latest?.lastModified;
        const versions = Object.fromEntries(configurations(entry));
        const aliases = { ...entry?.aliases, ...definition.aliases };
        return { ...definition, ...(lastModified && { lastModified }), versions, aliases };
      });
    },
    delete(functionName, number) {
      const { versions } = entryOf(functionName);
      const version = versions[number];
      if (!version) return;
      const { logicalId, inTemplate } = version;
      // As long as its resource is in the template, another start does not publish it anew; no more would a deployment.
      if (inTemplate) versions[number] = { logicalId, inTemplate, deleted: true };
      else delete versions[number];
    },
    moved(addresses) {
      if (addresses.size === 0) return;
      const texts = [...addresses.keys()].map((address) => address.replaceAll('.', '\\.'));
      const mention = new RegExp(`(?:${texts.join('|')})(?!\\d)`, 'g');
      const follow = (value: string) => value.replace(mention, (address) => addresses.get(address)!);
      for (const configuration of Object.values(book).flatMap(allConfigurations)) {
        const variables = Object.entries(configuration.environment);
        configuration.environment = Object.fromEntries(variables.map(([name, value]) => [name, follow(value)]));
      }
    },
    giveUp(present, texts) {
      const named = () =>
        namedFunctions(texts, new Map(Object.entries(book).map(([name, entry]) => [name, known(entry)])));
      if (Object.values(book).some(({ aliasTarget }) => aliasTarget)) nameEarlierAliases(book, named());
      const allNamed = named();
      const givenUp: string[] = [];
      for (const [functionName, entry] of Object.entries(book)) {
        const needed = allNamed.get(functionName) ?? new Set();
        const isPresent = present.has(functionName);
        if (!isPresent && !needed.has('$LATEST')) delete entry.latest;
        for (const alias of Object.keys(entry.aliases)) {
          if (needed.has(alias) || (isPresent && templateAliases.get(functionName)?.has(alias))) continue;
          delete entry.aliases[alias];
          givenUp.push(`${functionName}:${alias}`);
        }
        const newest = isPresent ? configurations(entry).slice(-KEPT_VERSIONS) : [];
        const kept = new Set([...needed, ...Object.values(entry.aliases), ...newest.map(([number]) => number)]);
        for (const [number, version] of Object.entries(entry.versions)) {
          if (version.inTemplate || (version.configuration && kept.has(number))) continue;
          delete entry.versions[number];
          givenUp.push(`${functionName}:${number}`);
        }
      }
      return givenUp;
    },
    removeCode() {
      code.keepOnly(
        new Set(Object.values(book).flatMap((entry) => allConfigurations(entry).map((one) => one.codeDir))),
      );
    },
    save() {
      const text = JSON.stringify(book);
      if (text !== saved) writeAtomically(file, text);
      saved = text;
    },
    discard() {
      book = parseVersionBook(saved, file);
    },
  };
}

/** Earlier programs kept no aliases: those that a text names, and nobody knows, led to the newest version of then. */
function nameEarlierAliases(book: VersionBook, named: NamedFunctions): void {
  for (const [functionName, entry] of Object.entries(book)) {
    const { aliasTarget, aliases, versions } = entry;
    if (aliasTarget === undefined) continue;
    for (const qualifier of named.get(functionName) ?? []) {
      if (!/^(?:\$LATEST|\d+)$/.test(qualifier) && versions[aliasTarget]) aliases[qualifier] ??= aliasTarget;
    }
    delete entry.aliasTarget;
  }
}

/** Of published versions, by number. */
function configurations(entry: Entry | undefined): [string, FunctionConfiguration][] {
  return Object.entries(entry?.versions ?? {}).flatMap(([number, { configuration }]) =>
    configuration ? [[number, configuration as FunctionConfiguration]] : [],
  );
}

function allConfigurations(entry: Entry): FunctionConfiguration[] {
  const versions = configurations(entry).map(([, configuration]) => configuration);
  return entry.latest ? [entry.latest as FunctionConfiguration, ...versions] : versions;
}

function known(entry: Entry): KnownFunction {
  return {
    versions: Object.keys(entry.versions),
    aliases: entry.aliases,
    textOf(version) {
      const configuration = version === '$LATEST' ? entry.latest : entry.versions[version]?.configuration;
      return Object.values(configuration?.environment ?? {}).join('\n');
    },
  };
}
