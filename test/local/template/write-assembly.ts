import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Writes a cloud assembly of one stack `Shop` by hand; `files` are its assets by object key. Returns its folder. */
export function writeAssembly(template: object, files: Record<string, string> = {}): string {
  const directory = mkdtempSync(join(tmpdir(), 'waybill-assembly-'));
  const write = (name: string, content: unknown) =>
    writeFileSync(join(directory, name), typeof content === 'string' ? content : JSON.stringify(content));
  const assets: Record<string, object> = {};
  for (const [objectKey, content] of Object.entries(files)) {
    const [, hash, packed] = objectKey.match(/^(.+?)(\.zip)?$/)!;
    const path = `asset.${hash}`;
    if (packed) {
      mkdirSync(join(directory, path));
      write(join(path, 'index.mjs'), content);
    } else write(path, content);
    assets[hash!] = { source: { path, packaging: packed ? 'zip' : 'file' }, destinations: { here: { objectKey } } };
  }
  write('manifest.json', {
    version: '48.0.0',
    artifacts: {
      'Shop.assets': { type: 'cdk:asset-manifest', properties: { file: 'Shop.assets.json' } },
      Shop: {
        type: 'aws:cloudformation:stack',
        properties: { templateFile: 'Shop.template.json' },
        dependencies: ['Shop.assets'],
      },
      Tree: { type: 'cdk:tree', properties: { file: 'tree.json' } },
    },
  });
  write('Shop.assets.json', { version: '48.0.0', files: assets });
  write('Shop.template.json', template);
  return directory;
}
