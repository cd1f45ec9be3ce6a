// Old enough syntax to run on any Node, so that a user whose own Node is too old (and whose `npm ci` could not
// fetch the pinned one) reads a sentence instead of a syntax error from the first .ts file.
var parts = process.versions.node.split('.').map(Number);
if (parts[0] < 22 || (parts[0] === 22 && parts[1] < 18)) {
  console.error(
    'Waybill needs Node 22.18 or newer, but this is Node ' +
      process.versions.node +
      '. `npm ci` installs a suitable one into node_modules unless optional dependencies or scripts are switched off.',
  );
  process.exit(1);
}
