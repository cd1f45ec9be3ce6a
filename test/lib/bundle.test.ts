import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bundle, projectRoot } from '../../lib/bundle.ts';
import { BundleCache } from '../../lib/bundle-cache.ts';

describe('a bundle', () => {
  it('is one module with its source map, whose names survive', () => {
    const folder = bundle('test/lib/second-process/greet.ts');
    const code = readFileSync(join(folder, 'index.mjs'), 'utf8');
    expect(code).toContain('sourceMappingURL=index.mjs.map');
    expect(existsSync(join(folder, 'index.mjs.map'))).toBe(true);
  });

  it.each(['test/lib/second-process/greet.ts', 'lambdas/steps/charge-payment.ts'])(
    'of %s is the same wherever the project is: its source maps lead to files of it and say nothing of what is above',
    (handler) => {
      const folder = bundle(handler);
      const maps = readdirSync(folder).filter((name) => name.endsWith('.map'));
      const sources = maps.flatMap((name): string[] => JSON.parse(readFileSync(join(folder, name), 'utf8')).sources);
      const builtIn = join(projectRoot, 'node_modules/.cache/waybill-builds/made/0');
      const files = sources.map((source) => relative(projectRoot, join(builtIn, source)));
      expect(files).toContain(handler);
      // A package may name sources of its own that it does not ship.
      const isLost = (file: string) => !file.startsWith('node_modules/') && !existsSync(join(projectRoot, file));
      expect(files.filter((file) => file.startsWith('..') || isLost(file))).toEqual([]);
    },
  );

  it('has what is needed now and then in files of their own: S3 is for big orders', () => {
    for (const handler of ['api/place-order', 'api/get-order', 'steps/charge-payment', 'steps/reserve-inventory']) {
      const folder = bundle(`lambdas/${handler}.ts`);
      const modules = readdirSync(folder).filter((name) => name.endsWith('.mjs'));
      const withS3 = modules.filter((name) => readFileSync(join(folder, name), 'utf8').includes('PutObjectCommand'));
      expect(withS3, handler).toEqual([expect.stringMatching(/^object-store-\w+\.mjs$/)]);
      for (const name of modules) expect(existsSync(join(folder, `${name}.map`)), name).toBe(true);
    }
    // Nobody else has it at all.
    const others = bundle('lambdas/steps/close-order.ts');
    expect(readdirSync(others).sort()).toEqual(['index.mjs', 'index.mjs.map']);
    expect(readFileSync(join(others, 'index.mjs'), 'utf8')).not.toContain('PutObjectCommand');
  });

  it("loads a provider's client when it is called, and not before: in a file of its own, where there is a provider to call", () => {
    const providers = (handler: string) =>
      readdirSync(bundle(`lambdas/steps/${handler}.ts`))
        .filter((name) => /^(stripe|easypost)-from-env-\w+\.mjs$/.test(name))
        .map((name) => name.split('-')[0]);
    expect(providers('charge-payment')).toEqual(['stripe']);
    expect(providers('create-shipping-label')).toEqual(['easypost']);
    expect(providers('refund-payment')).toEqual(['easypost', 'stripe']);
    expect(providers('reserve-inventory')).toEqual([]);
    for (const handler of ['charge-payment', 'refund-payment']) {
      const first = readFileSync(join(bundle(`lambdas/steps/${handler}.ts`), 'index.mjs'), 'utf8');
      expect(first).not.toMatch(/api\.stripe\.com|api\.easypost\.com/);
    }
  });

  it('of the same handler is the same folder', () => {
    expect(bundle('test/lib/second-process/greet.ts')).toBe(
      bundle(join(projectRoot, 'test/lib/second-process/greet.ts')),
    );
  });

  it('of a handler that is not there is refused by name', () => {
    expect(() => bundle('lambdas/steps/nothing.ts')).toThrow('the handler lambdas/steps/nothing.ts does not exist');
  });
});

describe('the cache of bundles', () => {
  let root: string;
  let entry: string;
  const file = (name: string, content: string) => writeFileSync(join(root, name), content);
  const keep = (cache: BundleCache, code: string) => {
    mkdirSync(join(root, 'built'), { recursive: true });
    file('built/index.mjs', code);
    return cache.keep(entry, join(root, 'built'), ['handler.ts', 'shared.ts', 'node_modules/zod/index.js']);
  };

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'waybill-cache-test-'));
    entry = join(root, 'handler.ts');
    for (const name of ['handler.ts', 'shared.ts', 'package.json', 'package-lock.json', 'tsconfig.json'])
      file(name, '1');
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  it('finds what an earlier process kept', () => {
    const kept = keep(new BundleCache(root, {}), 'code');
    expect(new BundleCache(root, {}).find(entry)).toBe(kept);
    expect(readFileSync(join(kept, 'index.mjs'), 'utf8')).toBe('code');
  });

  it.each(['handler.ts', 'shared.ts', 'package-lock.json', 'tsconfig.json'])(
    'finds nothing after a change of %s',
    (name) => {
      keep(new BundleCache(root, {}), 'code');
      file(name, '2');
      expect(new BundleCache(root, {}).find(entry)).toBeUndefined();
    },
  );

  it('finds nothing after a change of the options of esbuild', () => {
    keep(new BundleCache(root, { minify: true }), 'code');
    expect(new BundleCache(root, { minify: false }).find(entry)).toBeUndefined();
  });

  it('drops bundles that were not made in the last day, and leaves younger ones to processes that may be using them', () => {
    const old = keep(new BundleCache(root, {}), 'old');
    const twoDaysAgo = new Date(Date.now() - 2 * 24 * 60 * 60 * 1000);
    utimesSync(old, twoDaysAgo, twoDaysAgo);
    file('shared.ts', '2');
    const recent = keep(new BundleCache(root, {}), 'recent');
    file('shared.ts', '3');
    const kept = keep(new BundleCache(root, {}), 'new');
    expect(existsSync(old)).toBe(false);
    expect(existsSync(recent)).toBe(true);
    expect(readFileSync(join(kept, 'index.mjs'), 'utf8')).toBe('new');
  });

  it('takes what another process kept first', () => {
    const first = keep(new BundleCache(root, {}), 'code');
    expect(keep(new BundleCache(root, {}), 'code')).toBe(first);
  });

  it('finds nothing where its list was cut short', () => {
    const kept = keep(new BundleCache(root, {}), 'code');
    writeFileSync(join(kept, '..', 'inputs.json'), '["hand');
    expect(new BundleCache(root, {}).find(entry)).toBeUndefined();
  });
});
