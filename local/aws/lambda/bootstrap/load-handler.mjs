import { existsSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** Finds the function that `handler` (`dir/file.export`, also `file.object.method`) names below `root`. */
export async function loadHandler(root, handler) {
  const [, file, exported] = /^([^.]*)\.(.+)$/.exec(path.basename(handler ?? '')) ?? [];
  if (!exported) throw named('Runtime.MalformedHandlerName', `Bad handler '${handler}': expected file.export`);
  const module = await importModule(path.resolve(root, path.dirname(handler), file), file);
  // The exports of CommonJS arrive whole as `default`; of its names, import() sees only those it can guess.
  const found = lookUp(module, exported) ?? lookUp(module.default, exported);
  if (found === undefined) throw named('Runtime.HandlerNotFound', `${handler} is undefined or not exported`);
  if (typeof found !== 'function') throw named('Runtime.HandlerNotFound', `${handler} is not a function`);
  return found;
}

async function importModule(base, name) {
  const found = ['.js', '.mjs', '.cjs', ''].map((extension) => base + extension).find((file) => existsSync(file));
  if (!found) throw named('Runtime.ImportModuleError', `Error: Cannot find module '${name}'`);
  try {
    return await import(pathToFileURL(found).href);
  } catch (error) {
    if (error instanceof SyntaxError)
      throw named('Runtime.UserCodeSyntaxError', `SyntaxError: ${error.message}`, error);
    if (error?.code === 'ERR_MODULE_NOT_FOUND' || error?.code === 'MODULE_NOT_FOUND') {
      throw named('Runtime.ImportModuleError', `Error: ${error.message}`, error);
    }
    throw error;
  }
}

function lookUp(root, dotted) {
  let value = root;
  for (const name of dotted.split('.')) value = value?.[name];
  return value;
}

function named(name, message, cause) {
  const error = new Error(message);
  error.name = name;
  error.stack = `${name}: ${cause?.stack ?? message}`;
  return error;
}
