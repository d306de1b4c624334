// What can be checked of WCAG 2.2 AA by looking at the page as it stands: names, roles, contrast, target sizes,
// headings, language. Written by hand until axe-core is among the dependencies; it runs inside the page and answers
// sentences.
import type { Frame, Page } from 'playwright-core'

/** Problems of what is visible now; none when all is well. */
export function accessibilityProblems(page: Page | Frame): Promise<readonly string[]> {
  return page.evaluate<string[]>(`(() => {
    ${HELPERS}
    return [...names(), ...contrasts(), ...targets(), ...structure()]
  })()`)
}

const HELPERS = String.raw`
  const all = (selector) => [...document.querySelectorAll(selector)].filter(isShown)
  function isShown(element) {
    const { visibility, clipPath } = getComputedStyle(element)
    return element.getClientRects().length > 0 && visibility === 'visible' && clipPath === 'none'
  }
  const short = (element) => element.outerHTML.replaceAll(/\s+/g, ' ').slice(0, 90)

  function names() {
    const missing = []
    for (const element of all('a, button, input, select, textarea, img, [role=button]')) {
      const labelled = element.getAttribute('aria-labelledby')?.split(' ').map((id) => document.getElementById(id)?.textContent)
      const name = [
        element.getAttribute('aria-label'), ...(labelled ?? []),
        ...[...(element.labels ?? [])].map((label) => label.textContent),
        element.tagName === 'IMG' ? element.getAttribute('alt') : undefined,
        /^(A|BUTTON)$/.test(element.tagName) ? element.textContent : undefined,
      ].find((text) => text !== null && text !== undefined && text.trim() !== '')
      const decorative = element.tagName === 'IMG' && element.getAttribute('alt') === ''
      if (name === undefined && !decorative) missing.push('no name: ' + short(element))
    }
    for (const element of all('[aria-describedby]')) {
      for (const id of element.getAttribute('aria-describedby').split(' ')) {
        if (document.getElementById(id) === null) missing.push('described by nothing: ' + short(element))
      }
    }
    return missing
  }

  function parse(color) {
    const parts = color.match(/[\d.]+/g).map(Number)
    return { rgb: parts.slice(0, 3), alpha: parts[3] ?? 1 }
  }
  function groundOf(element) {
    for (let it = element; it !== null; it = it.parentElement) {
      const { rgb, alpha } = parse(getComputedStyle(it).backgroundColor)
      if (alpha === 1) return rgb
    }
    return [255, 255, 255]
  }
  function luminance(rgb) {
    const [r, g, b] = rgb.map((part) => {
      const share = part / 255
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  function ratio(one, other) {
    const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a)
    return (light + 0.05) / (dark + 0.05)
  }
  function contrasts() {
    const low = []
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const element = node.parentElement
      if (node.data.trim() === '' || !isShown(element)) continue
      if (element.closest(':disabled, noscript, option') !== null) continue
      const style = getComputedStyle(element)
      const size = parseFloat(style.fontSize)
      const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700)
      const found = ratio(parse(style.color).rgb, groundOf(element))
      if (found < (isLarge ? 3 : 4.5)) low.push('contrast ' + found.toFixed(2) + ': ' + node.data.trim().slice(0, 40))
    }
    return low
  }

  function targets() {
    return all('a, button, select, input').flatMap((element) => {
      const areas = [element, ...(element.labels ?? [])].map((area) => area.getBoundingClientRect())
      return areas.some(({ width, height }) => width >= 24 && height >= 24) ? [] : ['small target: ' + short(element)]
    })
  }

  function structure() {
    const problems = []
    if (document.documentElement.lang === '') problems.push('no language')
    if (document.title.trim() === '') problems.push('no title')
    if (all('h1').length !== 1) problems.push(all('h1').length + ' headings of level 1')
    if (all('main').length !== 1) problems.push('no main part')
    const levels = all('h1, h2, h3').map((heading) => Number(heading.tagName[1]))
    levels.forEach((level, at) => {
      if (at > 0 && level > levels[at - 1] + 1) problems.push('a heading of level ' + level + ' after ' + levels[at - 1])
    })
    const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id)
    for (const id of new Set(ids.filter((id, at) => ids.indexOf(id) !== at))) problems.push('twice: #' + id)
    for (const element of all('[tabindex]')) if (element.tabIndex > 0) problems.push('its own order: ' + short(element))
    for (const group of all('fieldset')) if (group.querySelector('legend') === null) problems.push('a group without a name')
    return problems
  }
`
