// The look of the payer's pages: plain HTML without a line of script, one style sheet that the content security policy
// names by its hash. Wide enough for a desk, usable at 360 pixels and with the keyboard alone.
import { sha256 } from '../../kernel/hmac.ts'

const STYLE = `
:root { color-scheme: light; font-family: system-ui, sans-serif; line-height: 1.5; color: #16202c; background: #eef2f6 }
body { margin: 0; padding: 1rem }
main { box-sizing: border-box; max-width: 26rem; margin: 4vh auto; padding: 1.5rem; background: #fff;
  border: 1px solid #c9d3de; border-radius: .75rem }
h1 { font-size: 1.25rem; margin: 0 0 .25rem }
p { margin: .5rem 0 }
.bank { font-weight: 600; letter-spacing: .02em; color: #0b4f8a; margin: 0 0 1rem }
.amount { font-size: 1.75rem; font-weight: 700; margin: .75rem 0; overflow-wrap: anywhere }
dl { display: grid; grid-template-columns: auto 1fr; gap: .25rem 1rem; margin: 1rem 0 }
dt { color: #51606f } dd { margin: 0; overflow-wrap: anywhere }
form { display: grid; gap: .75rem; margin-top: 1.25rem }
button, a.button { font: inherit; font-weight: 600; min-height: 3rem; padding: .5rem 1rem; border-radius: .5rem;
  border: 1px solid #51606f; background: #fff; color: #16202c; cursor: pointer; text-align: center;
  text-decoration: none; display: grid; place-items: center }
button.yes, a.button { background: #0b4f8a; border-color: #0b4f8a; color: #fff }
button:focus-visible, a:focus-visible { outline: 3px solid #f2a900; outline-offset: 2px }
.note { font-size: .875rem; color: #51606f; margin-top: 1.25rem }
`

const STYLE_HASH = sha256(STYLE).toString('base64')

/** Values are put in escaped, always: `html` is the only way to make a page. */
export type Html = { readonly markup: string }

export function html(parts: TemplateStringsArray, ...values: readonly (string | Html | readonly Html[])[]): Html {
  const markup = parts.reduce(
    (text, part, index) => text + part + (index < values.length ? toMarkup(values[index]) : ''),
    '',
  )
  return { markup }
}

function toMarkup(value: string | Html | readonly Html[] | undefined): string {
  if (value === undefined) return ''
  if (typeof value === 'string') return escape(value)
  return 'markup' in value ? value.markup : value.map(({ markup }) => markup).join('')
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
}

export function document(title: string, content: Html): string {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title}</title>
<style>${{ markup: STYLE }}</style>
</head>
<body>
<main>
${content}
</main>
</body>
</html>
`
  return page.markup
}

/** `formTargets`: origins that a form may lead to, after the redirect that answers it. */
export function pageHeaders(formTargets: readonly string[]): Record<string, string> {
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': [
      "default-src 'none'",
      `style-src 'sha256-${STYLE_HASH}'`,
      `form-action ${["'self'", ...formTargets].join(' ')}`,
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  }
}
