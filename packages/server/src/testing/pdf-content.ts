// What is really in a PDF, for tests: its words, the glyphs that draw them, what could act, and the dots on the page.
// The words alone prove nothing, because a page of invisible letters has them too (dependencies, section 7).
import { getDocument, OPS } from 'pdfjs-dist/legacy/build/pdf.mjs'
import type { PDFDocumentProxy, PDFPageProxy } from 'pdfjs-dist'

export type PdfContent = {
  readonly pages: number
  readonly text: string
  readonly title: string
  /** `id` 0 is the box that stands for a glyph which the typeface lacks. */
  readonly glyphs: readonly { readonly id: number; readonly unicode: string }[]
  /** Links, forms, scripts, attachments and actions: everything that does more than being looked at. */
  readonly active: readonly unknown[]
  /** How far the words reach, in points: to the right from the left edge, and down to above the lower one. */
  readonly reach: { readonly right: number; readonly bottom: number }
  /** How many dark dots the first page has where this text stands. */
  inkOf(text: string): Promise<number>
}

export async function readPdf(pdf: Buffer): Promise<PdfContent> {
  const document = await getDocument({ data: new Uint8Array(pdf), verbosity: 0, useSystemFonts: false }).promise
  const pages = await Promise.all(Array.from({ length: document.numPages }, (_, at) => document.getPage(at + 1)))
  const { info } = await document.getMetadata()
  return {
    pages: document.numPages,
    text: (await Promise.all(pages.map(textOf))).join('\n'),
    title: (info as { Title?: string }).Title ?? '',
    glyphs: (await Promise.all(pages.map(glyphsOf))).flat(),
    active: (await Promise.all([activeIn(document), ...pages.map((page) => page.getAnnotations())])).flat(),
    reach: await reachOf(pages),
    inkOf: (text) => inkOf(document, text),
  }
}

async function reachOf(pages: readonly PDFPageProxy[]): Promise<PdfContent['reach']> {
  const contents = await Promise.all(pages.map((page) => page.getTextContent()))
  const words = contents.flatMap(({ items }) => items).filter((item) => 'str' in item)
  const places = words.map(({ transform, width }) => ({
    right: Number(transform[4]) + width,
    bottom: Number(transform[5]),
  }))
  return {
    right: Math.max(...places.map(({ right }) => right)),
    bottom: Math.min(...places.map(({ bottom }) => bottom)),
  }
}

async function textOf(page: PDFPageProxy): Promise<string> {
  const { items } = await page.getTextContent()
  return items.map((item) => ('str' in item ? `${item.str}${item.hasEOL ? '\n' : ''}` : '')).join('')
}

type Glyph = { readonly originalCharCode: number; readonly unicode: string }

async function glyphsOf(page: PDFPageProxy): Promise<{ id: number; unicode: string }[]> {
  const { fnArray, argsArray } = await page.getOperatorList()
  return fnArray.flatMap((operator, at) => {
    if (operator !== OPS.showText) return []
    const shown = (argsArray[at] as readonly (readonly (Glyph | number | null)[])[]).flat()
    const glyphs = shown.filter((it) => typeof it === 'object' && it !== null)
    return glyphs.map((glyph) => ({ id: glyph.originalCharCode, unicode: glyph.unicode }))
  })
}

async function activeIn(document: PDFDocumentProxy): Promise<unknown[]> {
  const found = await Promise.all([
    document.getJSActions(),
    document.getAttachments(),
    document.getOpenAction(),
    document.getFieldObjects(),
    document.getOutline(),
  ])
  return found.filter((it) => it !== null && it !== undefined)
}

const SCALE = 2
const DARK = 128

async function inkOf(document: PDFDocumentProxy, text: string): Promise<number> {
  const page = await document.getPage(1)
  const viewport = page.getViewport({ scale: SCALE })
  const { items } = await page.getTextContent()
  const item = items.find((it) => 'str' in it && it.str.includes(text))
  if (item === undefined || !('str' in item)) throw new Error(`The page does not say ${text}.`)
  const factory = document.canvasFactory as CanvasFactory
  const { canvas, context } = factory.create(viewport.width, viewport.height)
  await page.render({ canvas: null, canvasContext: context, viewport }).promise
  const [, , , , x = 0, baseline = 0] = item.transform as number[]
  const height = item.height * SCALE
  const image = context.getImageData(x * SCALE, viewport.height - baseline * SCALE - height, item.width * SCALE, height)
  factory.destroy({ canvas, context })
  let dots = 0
  for (let at = 0; at < image.data.length; at += 4) if ((image.data[at] ?? 255) < DARK) dots += 1
  return dots
}

// Without the types of a browser: as far as we use them.
type Context = Parameters<PDFPageProxy['render']>[0]['canvasContext'] & {
  getImageData(x: number, y: number, width: number, height: number): { readonly data: Uint8ClampedArray }
}
type Drawing = { readonly canvas: unknown; readonly context: Context }
type CanvasFactory = { create(width: number, height: number): Drawing; destroy(drawing: Drawing): void }
