import { expect, test } from 'vitest'
import { luminance, readableOn } from './brand.ts'

test('on every colour the text has a contrast of at least 4.5 to 1', () => {
  for (let red = 0; red <= 255; red += 15) {
    for (let green = 0; green <= 255; green += 15) {
      for (let blue = 0; blue <= 255; blue += 15) {
        const color = `#${[red, green, blue].map((part) => part.toString(16).padStart(2, '0')).join('')}`
        const [light, dark] = [luminance(color), luminance(readableOn(color))].sort((a, b) => b - a)
        expect(((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05), color).toBeGreaterThanOrEqual(4.5)
      }
    }
  }
})
