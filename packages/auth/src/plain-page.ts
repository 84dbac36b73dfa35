// The pages of this package, for sites that have none of their own: no script, no file beside them, light and dark, and
// no colour but the browser's, so that they go with any site.
import {
  html,
  type Body,
  type Environ,
  type HeaderList,
  type ResponseOptions,
  type StartResponse,
} from '@robaccia/core'
import escapeHtml from 'escape-html'
import { createHash } from 'node:crypto'
import { belowRoot } from './form-page.js'

const style = `:root{color-scheme:light dark;font:100%/1.5 system-ui,sans-serif}
body{margin:0 auto;max-width:22rem;padding:12vh 1.25rem 2rem}
h1{font-size:1.5rem;line-height:1.2;margin:0 0 1.5rem}
label{display:block;font-weight:600;margin:1rem 0 .25rem}
input,button{box-sizing:border-box;font:inherit;width:100%;padding:.6rem .75rem;border-radius:.375rem}
input{border:1px solid light-dark(#767676,#8a8a8a);background:Field;color:FieldText}
button{margin-top:1.5rem;border:1px solid transparent;font-weight:600;cursor:pointer;background:CanvasText;color:Canvas}
:focus-visible{outline:3px solid CanvasText;outline-offset:2px}
a{color:inherit}
.back{margin:1.5rem 0 0;text-align:center}
[role=alert]{margin:0 0 1rem;padding:.6rem .75rem;border-left:4px solid light-dark(#b3261e,#f2b8b5);background:light-dark(#fceeee,#3b1a18)}`

/** The page's own policy: its one style, and a form to this site. */
const policy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ')

/** @param markup is sent as it is: whoever made it has escaped what it holds, by `markupOf` */
export function plainPage(
  environ: Environ,
  startResponse: StartResponse,
  title: string,
  markup: string,
  { status = 200, headers = [] }: ResponseOptions,
): Body {
  const own: HeaderList = [...headers, ['content-security-policy', policy]]
  return html(
    environ,
    startResponse,
    markupOf`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>` +
      style +
      markupOf`</style>
</head>
<body>
<main>
<h1>${title}</h1>
` +
      markup +
      markupOf`
<p class="back"><a href="${belowRoot(environ, '/')}">Back to the site</a></p>
</main>
</body>
</html>
`,
    { status, headers: own },
  )
}

/** A template whose values are escaped, in text and in quoted attributes alike. */
export function markupOf(literals: TemplateStringsArray, ...values: readonly string[]): string {
  return literals.reduce((all, literal, index) => all + escapeHtml(values[index - 1]) + literal)
}
