import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';

const files = ['README.md', ...globSync('docs/*.md')];
const textOf = (file: string) => readFileSync(file, 'utf8').replaceAll(/```.*?```/gs, '');

/** As GitHub makes them of titles. */
const anchor = (title: string) =>
  title
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-');
const anchorsOf = (file: string) => [...textOf(file).matchAll(/^#+ (.+)$/gm)].map((match) => anchor(match[1]!));

test.each(files)('the links of %s lead somewhere', (file) => {
  const targets = [...textOf(file).matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1]!);
  const broken = targets
    .filter((target) => !/^[a-z]+:/.test(target))
    .filter((target) => {
      const [path, place] = target.split('#') as [string, string | undefined];
      const to = path === '' ? file : join(dirname(file), path);
      return !existsSync(to) || (place !== undefined && !anchorsOf(to).includes(place));
    });
  expect(broken).toEqual([]);
});

test('the index of the decisions has every section', () => {
  const file = 'docs/decisions.md';
  const sections = [...textOf(file).matchAll(/^## (.+)$/gm)].map((match) => match[1]!);
  const index = /^\[.+$/m.exec(textOf(file))![0];
  expect(index).toBe(sections.map((title) => `[${title}](#${anchor(title)})`).join(' · '));
});
