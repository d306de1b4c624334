// Makes any text fit to be drawn with one typeface: names are written by strangers, and a PDF has no browser that deals
// with direction marks, emoji or a thousand accents on one letter. What the typeface lacks shows as �, never as a blank
// or as a wrong letter; the HTML and the JSON have the text as it was given.

export type PrintableText = {
  readonly text: string
  /** False when something had to be replaced or cut off. */
  readonly complete: boolean
}

const REPLACEMENT = '\uFFFD'
const MOST_MARKS = 4

/**
 * @param has whether the typeface has a glyph for the code point
 * @param longest in graphemes, what is cut off included as `…`
 */
export function printableText(given: string, longest: number, has: (codePoint: number) => boolean): PrintableText {
  const parts: string[] = []
  let complete = true
  for (const { segment } of segmenter.segment(oneLine(given))) {
    if (parts.length === longest) {
      parts[longest - 1] = '…'
      return { text: parts.join(''), complete: false }
    }
    const grapheme = withFewMarks(segment)
    const drawable = Array.from(grapheme).every((sign) => has(codePoint(sign)))
    if (!drawable || grapheme !== segment) complete = false
    parts.push(drawable ? grapheme : REPLACEMENT)
  }
  return { text: parts.join(''), complete }
}

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })

// Direction marks would let a name rearrange the words around it, and what nobody sees can hide anything.
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu
const DEVANAGARI = /[\u0900-\u097f]/

function oneLine(given: string): string {
  return given
    .normalize('NFC')
    .replaceAll(/[\s\p{Z}]+/gu, ' ')
    .replaceAll(INVISIBLE, (sign, at: number, text: string) => (shapesScript(sign, at, text) ? sign : ''))
    .trim()
}

/** Joiners change how the letters beside them look: the only invisible signs that are read. */
function shapesScript(sign: string, at: number, text: string): boolean {
  if (sign !== '\u200c' && sign !== '\u200d') return false
  return DEVANAGARI.test(text.charAt(at - 1)) && DEVANAGARI.test(text.charAt(at + 1))
}

/** Marks pile up on one letter without end; what an alphabet needs is kept. */
function withFewMarks(grapheme: string): string {
  let inARow = 0
  const isKept = (sign: string) => {
    inARow = /\p{M}/u.test(sign) ? inARow + 1 : 0
    return inARow <= MOST_MARKS
  }
  return Array.from(grapheme).filter(isKept).join('')
}

function codePoint(sign: string): number {
  return sign.codePointAt(0) ?? 0
}
