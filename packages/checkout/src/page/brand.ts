// The merchant's colour on the buttons, with whichever text can be read on it. Links and marks keep the page's own
// colours, which were chosen against its own ground: a colour that is fine under white text may be unreadable on white.

/** Sets the page's colours; null takes the page's own. */
export function applyBrand(color: string | null, style: CSSStyleDeclaration): void {
  if (color === null) return
  style.setProperty('--brand', color)
  style.setProperty('--on-brand', readableOn(color))
}

/** Black or white: on every colour one of the two has a contrast of at least 4.5 to 1. */
export function readableOn(color: string): '#ffffff' | '#000000' {
  const light = luminance(color)
  return 1.05 / (light + 0.05) >= 4.5 ? '#ffffff' : '#000000'
}

/** WCAG relative luminance of `#rrggbb`. */
export function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const share = parseInt(color.slice(at, at + 2), 16) / 255
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
