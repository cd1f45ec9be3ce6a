import { createHash } from 'node:crypto';
import type { ApiAnswer } from '../middleware/route.ts';

/** What a page has beside its content. Without any of it: one narrow column, and no script may run. */
export interface PageExtras {
  /** CSS that only this page needs, after what all pages share. */
  style?: string;
  /** Path of a script of our own. */
  script?: string;
  headers?: Record<string, string>;
}

/** The frame of every page for people: nothing from elsewhere; readable on a telephone, by keyboard and by screen reader. */
export function page(
  statusCode: number,
  title: string,
  content: readonly string[],
  { style = '', script, headers }: PageExtras = {},
): ApiAnswer {
  const css = style ? `${sharedStyle}\n${style}` : sharedStyle;
  const body = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escapeHtml(title)}</title>
<style>${css}</style>${script ? `\n<script src="${escapeHtml(script)}" defer></script>` : ''}
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
${content.join('\n')}
</main>
</body>
</html>
`;
  return {
    statusCode,
    headers: { 'content-type': htmlType, ...policy(css, script !== undefined), ...headers },
    body,
  };
}

/** A part of a page that its script asks for. The headers of the page, so that it is as safe when it is opened by itself. */
export function pagePart(html: string, headers: Record<string, string>): ApiAnswer {
  return { statusCode: 200, headers: { 'content-type': htmlType, ...policy('', false), ...headers }, body: html };
}

const htmlType = 'text/html; charset=utf-8';

const sharedStyle = `:root{color-scheme:light dark}
body{margin:0;font:1.125rem/1.5 system-ui,sans-serif}
main{max-width:36rem;margin:0 auto;padding:1rem}
h1{font-size:1.5rem;line-height:1.25}
h2{font-size:1.2rem}
table{border-collapse:collapse;width:100%}
caption{text-align:left;font-weight:bold;padding:.25rem 0}
th,td{text-align:left;padding:.5rem;border-bottom:1px solid GrayText}
label{display:block;margin-bottom:.25rem}
input,button{font:inherit;box-sizing:border-box;width:100%;min-height:3rem;padding:.5rem .75rem;border-radius:.375rem}
input{border:1px solid GrayText}
button{margin:.25rem 0;border:2px solid;cursor:pointer;font-weight:bold}
.note{border-left:.25rem solid;padding-left:.75rem;overflow-wrap:anywhere}
:focus-visible{outline:.1875rem solid Highlight;outline-offset:.125rem}`;

/** What a page may load and do: its own style, forms to us, and a script of ours if it has one. */
function policy(css: string, runsScript: boolean): Record<string, string> {
  const styleHash = createHash('sha256').update(css).digest('base64');
  const script = runsScript ? "; script-src 'self'; connect-src 'self'" : '';
  return {
    'content-security-policy': `default-src 'none'; style-src 'sha256-${styleHash}'${script}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  };
}

export const time = (at: string) =>
  `<time datetime="${escapeHtml(at)}">${escapeHtml(at.slice(0, 16).replace('T', ' '))} UTC</time>`;

/** For text and for attribute values in quotes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
