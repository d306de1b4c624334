// Whether people who do not see, point or hear like others can use the page as it stands: axe-core, injected by the
// browser's debugger and so past the page's policy, and beside it the few things that axe leaves to a person. Anything
// that axe calls moderate or worse is a problem, not only what it calls serious.
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { Frame, Page } from 'playwright-core'

let source: Promise<string> | undefined

/** Problems of what is visible now, as sentences; none when all is well. */
export async function accessibilityProblems(page: Page | Frame): Promise<readonly string[]> {
  source ??= readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
  if (!(await page.evaluate<boolean>("typeof axe === 'object'"))) await page.evaluate(`${await source}; undefined`)
  return await page.evaluate<string[]>(`(async () => {
    ${HELPERS}
    return [...(await byAxe()), ...besideAxe()]
  })()`)
}

const HELPERS = String.raw`
  async function byAxe() {
    // A frame of another origin is asked by itself.
    const { violations } = await axe.run(document, { iframes: false, resultTypes: ['violations'] })
    return violations
      .filter(({ impact }) => impact !== 'minor')
      .flatMap(({ id, impact, nodes }) => nodes.map((node) =>
        impact + ' ' + id + ': ' + node.html.slice(0, 120) + ' ' + node.failureSummary.replaceAll(/\s+/g, ' ')))
  }

  function besideAxe() {
    const problems = []
    for (const element of document.querySelectorAll('[aria-describedby]')) {
      for (const id of element.getAttribute('aria-describedby').split(' ')) {
        if (document.getElementById(id) === null) problems.push('described by nothing: #' + id)
      }
    }
    if (document.querySelectorAll('h1').length > 1) problems.push('more than one heading of level 1')
    const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id)
    for (const id of new Set(ids.filter((id, at) => ids.indexOf(id) !== at))) problems.push('twice: #' + id)
    for (const group of document.querySelectorAll('fieldset')) {
      if (group.querySelector('legend') === null) problems.push('a group without a name')
    }
    return problems
  }
`
