// Draws a receipt as a PDF, line by line, with a library and no browser: nothing in a name can fetch, link or run
// anything, because nothing here is ever read as markup (reliability 68). It takes some 50 ms of CPU, so it runs in a
// thread of its own (pdf-worker.ts). The same document makes the same bytes.
import PDFDocument from 'pdfkit'
import type { ReceiptDocument, Row, Section } from '../domain/receipt/document.ts'
import { printableText } from './printable-text.ts'

type Pdf = PDFKit.PDFDocument

const PAGE = { width: 595.28, height: 841.89 } as const
const LEFT = 56
const WIDTH = PAGE.width - 2 * LEFT
const RIGHT = LEFT + WIDTH
const TOP = 60
const FOOT = PAGE.height - 82
const LABEL_WIDTH = 128
const LINE_GAP = 2.5

const COLOURS = {
  text: '#171a21',
  quiet: '#565e6c',
  line: '#d5d9e1',
  panel: '#f3f4f7',
  accent: '#3538b8',
  good: '#0c6b46',
  wait: '#7a4b00',
  waitSoft: '#fdf1da',
} as const

// In graphemes: more than our API takes in one field. What comes from elsewhere may be longer and is cut.
const LONGEST_LINE = 200
const LONGEST_TEXT = 1_200
const INCOMPLETE =
  'Where � or … stands, the typeface has no such letter or the text is longer than shown; the web page has it whole.'

/** `y` is where the next thing goes. */
type Sheet = { readonly pdf: Pdf; y: number; complete: boolean }

/** @param font a TrueType font that has at least Latin, the signs of currencies and Devanagari */
export function drawReceiptPdf(document: ReceiptDocument, font: Buffer): Promise<Buffer> {
  const pdf = new PDFDocument({
    size: 'A4',
    // We break pages ourselves; a margin at the bottom would break them behind our back.
    margin: 0,
    bufferPages: true,
    lang: 'en',
    displayTitle: true,
    // Without a font of its own the library would read one of its own from disk.
    font: '',
    pdfVersion: '1.7',
    // Known from the start: the library makes the file's id from it.
    info: infoOf(document),
  })
  const finished = collect(pdf)
  pdf.font(font)
  const sheet: Sheet = { pdf, y: TOP, complete: true }
  drawEdge(pdf)
  drawHead(sheet, document)
  if (document.testNotice !== null) drawNotices(sheet, [document.testNotice])
  drawAmount(sheet, document)
  if (document.notices.length > 0) drawNotices(sheet, document.notices)
  for (const section of document.sections) drawSection(sheet, section)
  drawFeet(sheet, document)
  pdf.end()
  return finished
}

function collect(pdf: Pdf): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    pdf.on('data', (chunk: Buffer) => chunks.push(chunk))
    pdf.on('end', () => resolve(Buffer.concat(chunks)))
    pdf.on('error', reject)
  })
}

function infoOf({ title, number, merchantName, issuedAt }: ReceiptDocument): PDFKit.DocumentInfo {
  const { text } = printableText(merchantName, LONGEST_LINE, () => true)
  return { Title: `${title} ${number}`, Author: text, Creator: 'Purser', CreationDate: issuedAt }
}

function drawEdge(pdf: Pdf): void {
  pdf.rect(0, 0, PAGE.width, 8).fill(COLOURS.accent)
}

function drawHead(sheet: Sheet, { title, number, issued, merchantName }: ReceiptDocument): void {
  const name = { x: LEFT, width: 285, size: 18, colour: COLOURS.text, lines: 3 } as const
  const besides = { x: LEFT + 285, width: WIDTH - 285, align: 'right' } as const
  const start = sheet.y
  const nameHeight = write(sheet, printable(sheet, merchantName, LONGEST_LINE), name)
  sheet.y += 2
  sheet.y += write(sheet, title, { ...besides, size: 13, colour: COLOURS.accent })
  sheet.y += write(sheet, number, { ...besides, size: 11, colour: COLOURS.text })
  sheet.y += write(sheet, issued, { ...besides, size: 8.5, colour: COLOURS.quiet })
  sheet.y = Math.max(start + nameHeight, sheet.y) + 22
}

function drawAmount(sheet: Sheet, { amountLabel, amount, amountInWords, stands }: ReceiptDocument): void {
  const inner = { x: LEFT + 22, width: WIDTH - 44 } as const
  const label = { ...inner, size: 9.5, colour: COLOURS.quiet }
  const digits = { ...inner, size: 32, colour: COLOURS.text }
  const words = { ...inner, size: 10.5, colour: COLOURS.quiet }
  const figure = printable(sheet, amount, LONGEST_LINE)
  const height =
    36 + heightOf(sheet, amountLabel, label) + heightOf(sheet, figure, digits) + heightOf(sheet, amountInWords, words)
  sheet.pdf.roundedRect(LEFT, sheet.y, WIDTH, height, 10).fill(COLOURS.panel)
  if (stands) drawTick(sheet.pdf, RIGHT - 44, sheet.y + 44)
  sheet.y += 18
  sheet.y += write(sheet, amountLabel, label)
  sheet.y += write(sheet, figure, digits)
  sheet.y += write(sheet, amountInWords, words) + 18 + 20
}

function drawTick(pdf: Pdf, x: number, y: number): void {
  pdf.circle(x, y, 20).fill(COLOURS.good)
  pdf
    .moveTo(x - 8, y)
    .lineTo(x - 2.5, y + 6)
    .lineTo(x + 8.5, y - 6)
  pdf.lineWidth(2.5).lineCap('round').lineJoin('round').stroke('#ffffff')
}

function drawNotices(sheet: Sheet, notices: readonly string[]): void {
  const text = { x: LEFT + 16, width: WIDTH - 32, size: 10, colour: COLOURS.wait }
  for (const notice of notices) {
    const line = printable(sheet, notice, LONGEST_LINE)
    const height = heightOf(sheet, line, text)
    makeRoom(sheet, height + 13)
    // Boxes without a gap between them read as one.
    sheet.pdf.rect(LEFT, sheet.y, WIDTH, height + 13.5).fill(COLOURS.waitSoft)
    sheet.pdf.rect(LEFT, sheet.y, 3, height + 13.5).fill(COLOURS.wait)
    sheet.y += 8
    write(sheet, line, text)
    sheet.y += height + 5
  }
  sheet.y += 20
}

function drawSection(sheet: Sheet, { heading, rows }: Section): void {
  const title = { x: LEFT, width: WIDTH, size: 10, colour: COLOURS.accent, lines: 3 }
  const name = printable(sheet, heading, LONGEST_LINE)
  const lines = rows.map(({ label, value }) => ({ label, value: printable(sheet, value, LONGEST_TEXT) }))
  const [first] = lines
  // A heading stays with its first row.
  makeRoom(sheet, heightOf(sheet, name, title) + 3 + (first === undefined ? 0 : rowHeight(sheet, first)))
  sheet.y += write(sheet, name, title) + 3
  for (const line of lines) drawRow(sheet, line)
  sheet.y += 14
}

const LABEL = { x: LEFT, width: LABEL_WIDTH, size: 10, colour: COLOURS.quiet } as const
const VALUE = { x: LEFT + LABEL_WIDTH, width: WIDTH - LABEL_WIDTH, size: 10, colour: COLOURS.text } as const

function drawRow(sheet: Sheet, row: Row): void {
  const height = rowHeight(sheet, row)
  makeRoom(sheet, height)
  sheet.pdf.moveTo(LEFT, sheet.y).lineTo(RIGHT, sheet.y).lineWidth(0.5).stroke(COLOURS.line)
  sheet.y += 5
  write(sheet, row.label, LABEL)
  write(sheet, row.value, VALUE)
  sheet.y += height - 5
}

function rowHeight(sheet: Sheet, { label, value }: Row): number {
  return Math.max(heightOf(sheet, label, LABEL), heightOf(sheet, value, VALUE)) + 9
}

function makeRoom(sheet: Sheet, height: number): void {
  if (sheet.y + height <= FOOT) return
  sheet.pdf.addPage()
  drawEdge(sheet.pdf)
  sheet.y = TOP
}

function drawFeet(sheet: Sheet, { merchantName, title, number, closing }: ReceiptDocument): void {
  const { pdf } = sheet
  const signature = printable(sheet, closing, LONGEST_LINE)
  const name = printable(sheet, merchantName, 60)
  const { count } = pdf.bufferedPageRange()
  for (let page = 0; page < count; page += 1) {
    pdf.switchToPage(page)
    pdf
      .moveTo(LEFT, FOOT + 8)
      .lineTo(RIGHT, FOOT + 8)
      .lineWidth(0.5)
      .stroke(COLOURS.line)
    const line = { x: LEFT, width: WIDTH, size: 8, colour: COLOURS.quiet } as const
    sheet.y = FOOT + 16
    // The name last: it is what may be cut off.
    sheet.y += write(sheet, `${title} ${number} · page ${page + 1} of ${count} · ${name}`, { ...line, lines: 1 })
    sheet.y += write(sheet, signature, { ...line, lines: 2 })
    if (!sheet.complete) write(sheet, INCOMPLETE, { ...line, size: 7, lines: 1 })
  }
}

type Place = {
  readonly x: number
  readonly width: number
  readonly size: number
  readonly colour: string
  readonly align?: 'left' | 'right'
  /** What does not fit into this many lines is cut off; without, nothing is. */
  readonly lines?: number
}

/** Writes at the sheet's `y` and returns the height; moving on is the caller's. */
function write(sheet: Sheet, text: string, place: Place): number {
  const height = heightOf(sheet, text, place)
  sheet.pdf.fillColor(place.colour).text(text, place.x, sheet.y, options(sheet, place))
  return height
}

function heightOf(sheet: Sheet, text: string, place: Place): number {
  const { height: most, ...whole } = options(sheet, place)
  const height = sheet.pdf.fontSize(place.size).heightOfString(text, whole)
  return most === undefined ? height : Math.min(height, most)
}

function options({ pdf }: Sheet, { width, size, align = 'left', lines }: Place): PDFKit.Mixins.TextOptions {
  const common = { width, align, lineGap: LINE_GAP }
  if (lines === undefined) return common
  return { ...common, height: lines * (pdf.fontSize(size).currentLineHeight(true) + LINE_GAP), ellipsis: true }
}

type InternalFont = { readonly _font: { readonly font: { hasGlyphForCodePoint(codePoint: number): boolean } } }

function printable(sheet: Sheet, given: string, longest: number): string {
  // Not in the library's types, and its version is pinned: the one way to ask what the typeface has.
  // oxlint-disable-next-line no-underscore-dangle -- the library's name
  const { font } = (sheet.pdf as unknown as InternalFont)._font
  const { text, complete } = printableText(given, longest, (codePoint) => font.hasGlyphForCodePoint(codePoint))
  if (!complete) sheet.complete = false
  return text
}
