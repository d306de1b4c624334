// Builds elements. Text only ever becomes a text node, so nothing that the network says can become markup; the page's
// policy (Trusted Types) would refuse it as well.

export type Child = Node | string | undefined | false

type Attributes = Readonly<Record<string, string | boolean | undefined>>

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(name, '')
    else if (typeof value === 'string') made.setAttribute(name, value)
  }
  for (const child of children) if (child !== undefined && child !== false) made.append(child)
  return made
}

export function button(label: string, kind: 'primary' | 'plain', act: () => void): HTMLButtonElement {
  const made = element('button', { type: 'button', class: kind }, label)
  made.addEventListener('click', act)
  return made
}

export function link(label: string, address: string, kind: 'primary' | 'plain', newTab = false): HTMLAnchorElement {
  const elsewhere = newTab ? { target: '_blank', rel: 'noopener noreferrer' } : { rel: 'noreferrer' }
  return element('a', { class: kind, href: address, ...elsewhere }, label)
}

const PATHS = {
  done: 'M5 12.5l4.5 4.5L19 7.5',
  stopped: 'M12 6.5v7M12 17.2v.3',
  waiting: 'M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17M12 7.5V12l3 2',
}

export function icon(name: keyof typeof PATHS): SVGSVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  svg.setAttribute('viewBox', '0 0 24 24')
  svg.setAttribute('class', `icon ${name}`)
  svg.setAttribute('aria-hidden', 'true')
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path')
  path.setAttribute('d', PATHS[name])
  svg.append(path)
  return svg
}
