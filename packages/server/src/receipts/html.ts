// A receipt as a web page that prints well: no script, nothing fetched, every text escaped and kept in a box of its own
// direction, so that a name can neither run nor rearrange what stands around it. Needs a policy that lets the one style
// element in: receiptPagePolicy.
import { receiptDocument } from '../domain/receipt/document.ts'
import type { ReceiptDocument, Section } from '../domain/receipt/document.ts'
import type { Overlay, Receipt } from '../domain/receipt/receipt.ts'

export type ReceiptPage = {
  /** base64, fresh for every response. */
  readonly nonce: string
  /** Where the PDF is, as a path or URL that we made; without, no link to it is shown. */
  readonly pdfUrl?: string
}

export function receiptHtml(receipt: Receipt, overlays: readonly Overlay[], page: ReceiptPage): string {
  const document = receiptDocument(receipt, overlays)
  const download =
    page.pdfUrl === undefined
      ? ''
      : `<p class="download"><a href="${escaped(page.pdfUrl)}" download rel="noreferrer">Download PDF</a></p>`
  return (
    '<!doctype html><html lang="en"><head><meta charset="utf-8">' +
    '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">' +
    `<title>${escaped(`${document.title} ${document.number}`)}</title><link rel="icon" href="data:,">` +
    `<style nonce="${escaped(page.nonce)}">${STYLE}</style></head>` +
    `<body><main>${head(document)}${notices(document.testNotice === null ? [] : [document.testNotice])}` +
    `${amount(document)}${notices(document.notices)}${document.sections.map(section).join('')}` +
    `<footer>${text(document.closing)}</footer>${download}</main></body></html>`
  )
}

/** The Content-Security-Policy of the page: its own style and nothing else. */
export function receiptPagePolicy(nonce: string): string {
  return (
    `default-src 'none'; style-src 'nonce-${nonce}'; img-src data:; base-uri 'none'; form-action 'none'; ` +
    "frame-ancestors 'none'"
  )
}

function head({ title, number, issued, merchantName }: ReceiptDocument): string {
  return (
    `<header><h1>${text(merchantName)}</h1><p class="kind"><strong>${text(title)}</strong>` +
    `<span>${text(number)}</span><small>${text(issued)}</small></p></header>`
  )
}

function amount({ amountLabel, amount, amountInWords, stands }: ReceiptDocument): string {
  const tick = stands ? '<span class="tick" aria-hidden="true">✓</span>' : ''
  return (
    `<section class="amount"><h2>${text(amountLabel)}</h2><p class="digits">${text(amount)}</p>` +
    `<p>${text(amountInWords)}</p>${tick}</section>`
  )
}

function notices(given: readonly string[]): string {
  return given.length === 0
    ? ''
    : `<ul class="notices">${given.map((notice) => `<li>${text(notice)}</li>`).join('')}</ul>`
}

function section({ heading, rows }: Section): string {
  const lines = rows.map(({ label, value }) => `<div><dt>${text(label)}</dt><dd dir="auto">${text(value)}</dd></div>`)
  return `<section><h2>${text(heading)}</h2><dl>${lines.join('')}</dl></section>`
}

function text(given: string): string {
  return `<bdi>${escaped(given)}</bdi>`
}

function escaped(given: string): string {
  return given.replaceAll(/[&<>"'`]/g, (sign) => `&#${sign.codePointAt(0)};`)
}

const STYLE = `
:root{color-scheme:light}
*{box-sizing:border-box}
body{margin:0;background:#f3f4f7;color:#171a21;font:16px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif;overflow-wrap:anywhere}
main{max-width:44rem;margin:2rem auto;padding:2.5rem;background:#fff;border-top:8px solid #3538b8;border-radius:4px}
header{display:flex;flex-wrap:wrap;gap:1rem 2rem;justify-content:space-between}
h1{margin:0;font-size:1.5rem;font-weight:500;flex:1 1 16rem}
.kind{margin:0;text-align:right}
.kind>*{display:block}
.kind strong{color:#3538b8;font-weight:500}
small,h2,dt,footer{color:#565e6c}
h2{margin:0;font-size:.875rem;font-weight:400}
section{margin-top:1.5rem}
section:not(.amount)>h2{color:#3538b8}
.amount{position:relative;padding:1.25rem 1.5rem;background:#f3f4f7;border-radius:12px}
.amount p{margin:0;color:#565e6c}
.amount .digits{font-size:2.25rem;line-height:1.3;color:#171a21;padding-right:3rem}
.tick{position:absolute;top:1.25rem;right:1.5rem;width:2.5rem;height:2.5rem;border-radius:50%;background:#0c6b46;color:#fff;font-size:1.4rem;line-height:2.5rem;text-align:center}
.notices{margin:1.5rem 0 0;padding:.75rem 1rem;list-style:none;background:#fdf1da;border-left:3px solid #7a4b00;color:#7a4b00}
dl{margin:.25rem 0 0}
dl>div{display:flex;flex-wrap:wrap;gap:0 1rem;padding:.375rem 0;border-top:1px solid #d5d9e1}
dt{flex:0 0 9rem}
dd{margin:0;flex:1 1 14rem;white-space:pre-line}
footer{margin-top:2rem;font-size:.8125rem}
.download a{color:#3538b8}
@media (max-width:40rem){main{margin:0;padding:1.5rem;border-radius:0}.kind{text-align:left}}
@media print{body{background:#fff}main{margin:0;max-width:none;padding:0}.download{display:none}}
`
