import { afterAll, describe, expect, test } from 'vitest'
import { amountForPeople } from '../domain/receipt/amount-text.ts'
import { receiptDocument } from '../domain/receipt/document.ts'
import type { ReceiptDocument } from '../domain/receipt/document.ts'
import { OrderId, RefundId } from '../kernel/ids.ts'
import { CURRENCY_CODES } from '../kernel/currencies.ts'
import { MAX_MINOR, money } from '../kernel/money.ts'
import { givenReceipt } from '../testing/given-receipt.ts'
import { HOSTILE_NAMES } from '../testing/hostile-names.ts'
import { readPdf } from '../testing/pdf-content.ts'
import { createDrawingThread } from './drawing-thread.ts'
import { createReceiptPrinter, receiptFileName } from './render-pdf.ts'

const thread = createDrawingThread()
const printer = createReceiptPrinter(thread)
afterAll(() => thread.close())

const PAGE = { width: 595.28, margin: 56 } as const

const renderReceiptPdf = (...[receipt, overlays]: Parameters<typeof printer.renderReceiptPdf>) =>
  printer.renderReceiptPdf(receipt, overlays)
const read = async (...given: Parameters<typeof renderReceiptPdf>) => readPdf(await renderReceiptPdf(...given))
const flat = (text: string) => text.replaceAll(/\s+/g, ' ')

describe('A receipt as a PDF', () => {
  test('is one page that says everything the receipt says', async () => {
    const pdf = await read(givenReceipt(), [])
    expect(pdf.pages).toBe(1)
    expect(pdf.title).toBe('Payment receipt R/26-27/000042')
    for (const text of [
      'Acme Broadband Private Limited Payment receipt R/26-27/000042 Issued 12 June 2026, 14:05 (UTC+05:30)',
      'Amount received ₹1,23,456.78',
      'Rupees One Lakh Twenty-Three Thousand Four Hundred Fifty-Six and Paise Seventy- Eight Only',
      'E-mail asha@example.com Phone +91 98000 00000',
      'Description Broadband, June 2026 Order reference INV-2026-0612',
      'Paid 12 June 2026, 14:01 (UTC+05:30) Method Card · Visa · ending 1111 RRN / UTR 412345678901',
      'Currency Indian Rupee (INR)',
      'page 1 of 1 · Acme Broadband Private Limited Made by a computer and valid without a signature.',
    ]) {
      expect(flat(pdf.text)).toContain(text)
    }
    expect(pdf.text).not.toContain('Test mode')
  })

  test('draws the rupee sign and Devanagari with glyphs of their own, in ink', async () => {
    const pdf = await read(givenReceipt(), [])
    expect(pdf.glyphs.filter(({ id }) => id === 0)).toEqual([])
    const drawn = (sign: string) => pdf.glyphs.find(({ unicode }) => unicode.startsWith(sign))
    for (const sign of ['₹', 'आ', 'श', 'म', 'र्']) expect(drawn(sign)?.id, sign).toBeGreaterThan(0)
    // What extraction cannot see: a page whose letters are there and are not drawn.
    expect(await pdf.inkOf('₹1,23,456.78')).toBeGreaterThan(1_000)
    expect(await pdf.inkOf('आशा')).toBeGreaterThan(100)
    expect(await pdf.inkOf('asha@example.com')).toBeGreaterThan(200)
  })

  test('has the signs of every currency there is', async () => {
    const amounts = CURRENCY_CODES.map((code) => amountForPeople(money(123_456_789n, code)))
    const rows = amounts.map((value, at) => ({ label: CURRENCY_CODES[at] ?? '', value }))
    const document = receiptDocument(givenReceipt(), [])
    const { text, glyphs } = await readPdf(await thread.draw({ ...document, sections: [{ heading: 'All', rows }] }))
    expect(amounts.length).toBeGreaterThan(150)
    expect(amounts.filter((amount) => !flat(text).includes(flat(amount)))).toEqual([])
    expect(text).not.toContain('\uFFFD')
    expect(glyphs.filter(({ id }) => id === 0)).toEqual([])
  })

  test('has room for the largest amount there can be', async () => {
    const largest = CURRENCY_CODES.map((code) => amountForPeople(money(MAX_MINOR, code)))
    const longest = largest.toSorted((a, b) => b.length - a.length)[0] ?? ''
    const { reach, text } = await read(givenReceipt({ amountText: longest }, money(MAX_MINOR, 'INR')), [])
    expect(flat(text)).toContain(`Amount received ${flat(longest)} Rupees Ten Thousand Crore Only`)
    expect(reach.right).toBeLessThanOrEqual(PAGE.width - PAGE.margin)
  })

  test('says that it is a test, what happened since, and what the merchant says of tax', async () => {
    const { snapshot } = givenReceipt()
    const line = { description: 'Internet access', code: '998422', taxableValue: '10462439' }
    const tax = {
      document: 'tax_invoice',
      supplier: { name: 'Acme Broadband', address: '12 MG Road, Bengaluru', gstin: '29ABCDE1234F1Z5' },
      recipient: { name: 'Asha Sharma', address: '4 Park Street, Kolkata', gstin: null },
      placeOfSupply: { state: 'West Bengal', stateCode: '19' },
      lines: [{ ...line, cgst: null, sgst: null, igst: { rate: '18', amount: '1883239' }, cess: null }],
      reverseCharge: false,
      signatory: 'R. Iyer',
    } as const
    const refunded = {
      kind: 'refunded',
      at: new Date('2026-06-14T10:00:00Z'),
      amount: money(50_000n, 'INR'),
      refundId: RefundId.create(new Date(0)),
      voucherNumber: 'V/26-27/000003',
    } as const
    const { text } = await read(givenReceipt({ ...snapshot, mode: 'test', tax }), [refunded])
    for (const said of [
      'Tax invoice R/26-27/000042',
      'Test mode: no money was moved.',
      'Refunded ₹500.00 on 14 June 2026, 15:30 (UTC+05:30), voucher V/26-27/000003.',
      'GSTIN 29ABCDE1234F1Z5',
      'HSN / SAC 998422 Taxable value ₹1,04,624.39 IGST 18% ₹18,832.39',
      'Place of supply West Bengal (19) Reverse charge No',
      'Authorised signatory: R. Iyer',
    ]) {
      expect(flat(text)).toContain(said)
    }
  })

  test('is the same bytes for the same receipt, drawn once for all who ask', async () => {
    let drawings = 0
    const counting = {
      ...thread,
      draw: (document: ReceiptDocument) => {
        drawings += 1
        return thread.draw(document)
      },
    }
    const receipt = givenReceipt()
    const counted = createReceiptPrinter(counting)
    const pdfs = await Promise.all(Array.from({ length: 20 }, () => counted.renderReceiptPdf(receipt, [])))
    expect(drawings).toBe(1)
    const again = await createReceiptPrinter(counting).renderReceiptPdf(receipt, [])
    expect(drawings).toBe(2)
    for (const pdf of pdfs) expect(pdf.equals(again)).toBe(true)
    await counted.renderReceiptPdf(receipt, [{ kind: 'canceled', at: new Date(0) }])
    expect(drawings).toBe(3)
  })

  test('has a file name that needs no quoting', () => {
    expect(receiptFileName(givenReceipt())).toBe('receipt-R-26-27-000042.pdf')
    expect(receiptFileName(givenReceipt({ kind: 'refund_voucher', number: 'V/26-27/000001' }))).toBe(
      'refund-voucher-V-26-27-000001.pdf',
    )
  })
})

/** The objects of the file without what they hold: streams and strings. */
function structureOf(pdf: Buffer): string {
  const objects = pdf.toString('latin1').replaceAll(/stream\r?\n[^]*?endstream/g, '')
  return objects.replaceAll(/\((?:\\[^]|[^\\()])*\)/g, '()')
}

describe('Names of strangers', () => {
  const FIELDS = 6

  function receiptWith(names: readonly string[]) {
    const { snapshot } = givenReceipt()
    const [name = '', email = '', phone = '', reference = '', description = '', merchant = ''] = names
    return givenReceipt({
      payer: { name, email, phone },
      order: { id: OrderId.create(new Date(0)), reference, description },
      merchant: { ...snapshot.merchant, name: merchant },
    })
  }

  test('can link to nothing, run nothing, attach nothing, and all of it is drawn', async () => {
    expect(HOSTILE_NAMES.length).toBeGreaterThanOrEqual(500)
    for (let at = 0; at < HOSTILE_NAMES.length; at += FIELDS) {
      const names = HOSTILE_NAMES.slice(at, at + FIELDS)
      const bytes = await renderReceiptPdf(receiptWith(names), [])
      const pdf = await readPdf(bytes)
      expect(pdf.active, JSON.stringify(names)).toEqual([])
      expect(pdf.glyphs.filter(({ id }) => id === 0)).toEqual([])
      expect(structureOf(bytes)).not.toMatch(/\/(Annots|JavaScript|JS|OpenAction|AA|Launch|URI|EmbeddedFile)\b/)
      expect(flat(pdf.text)).toContain('₹1,23,456.78')
    }
  }, 120_000)

  test('that the typeface lacks are shown as such, and the page says where to read them', async () => {
    const { text } = await read(receiptWith(['محمد']), [])
    expect(flat(text)).toContain('Name \uFFFD\uFFFD\uFFFD\uFFFD')
    expect(flat(text)).toContain('the web page has it whole')
  })

  test('as long as a page are wrapped and never run over its edge', async () => {
    const names = ['W'.repeat(5_000), 'i'.repeat(254), '', '', 'नमस्ते '.repeat(2_000), 'अ'.repeat(500)]
    const { text, pages, reach } = await read(receiptWith(names), [])
    expect(pages).toBeLessThanOrEqual(4)
    expect(text).toContain('…')
    expect(reach.right).toBeLessThanOrEqual(PAGE.width - PAGE.margin)
    expect(reach.bottom).toBeGreaterThan(PAGE.margin / 3)
  })
})

describe('The thread that draws', () => {
  const broken = { sections: null } as unknown as ReceiptDocument

  test('survives a drawing that fails, and the failure is not kept', async () => {
    await expect(thread.draw(broken)).rejects.toMatchObject({ code: 'internal_error' })
    expect((await renderReceiptPdf(givenReceipt(), [])).subarray(0, 5).toString()).toBe('%PDF-')
  })

  test('does not keep the rest of the process waiting', async () => {
    let turns = 0
    const counter = setInterval(() => (turns += 1), 1)
    await thread.draw({ ...broken, sections: [] }).catch(() => {})
    await renderReceiptPdf(givenReceipt({ number: 'R/26-27/000043' }), [])
    clearInterval(counter)
    expect(turns).toBeGreaterThan(5)
  })

  test('refuses work when more wait than anyone would wait for', async () => {
    const busy = createDrawingThread()
    const asked = Array.from({ length: 250 }, () => busy.draw(broken))
    const settled = Promise.allSettled(asked)
    await busy.close()
    const codes = (await settled).map(
      (result) => result.status === 'rejected' && (result.reason as { code: string }).code,
    )
    expect(codes.filter((code) => code === 'overloaded')).toHaveLength(49)
    expect(codes.filter((code) => code === 'internal_error')).toHaveLength(201)
  })

  test('starts again after it was closed', async () => {
    const own = createDrawingThread()
    await own.draw(broken).catch(() => {})
    await own.close()
    await expect(own.draw(broken)).rejects.toMatchObject({ internal: expect.stringContaining('TypeError') })
    await own.close()
  })
})
