// The tax block of a receipt, as the merchant gives it: Purser prints it and computes nothing in it. Whoever adds a
// sum, a rate or a default here has made Purser answer for a merchant's tax. JSON values only, amounts as text of
// minor units, because it is kept inside the snapshot.

/** What the document is in tax law; without a tax block it is a plain payment receipt. */
export type TaxDocument = 'tax_invoice' | 'bill_of_supply' | 'receipt_voucher' | 'refund_voucher'

export type TaxParty = {
  readonly name: string
  readonly address: string
  readonly gstin: string | null
}

/** One tax on one line: its rate in percent as text (`9`, `2.5`), its amount in minor units. */
export type TaxShare = { readonly rate: string; readonly amount: string }

export type TaxLine = {
  readonly description: string
  /** HSN for goods, SAC for services. */
  readonly code: string
  readonly taxableValue: string
  readonly cgst: TaxShare | null
  readonly sgst: TaxShare | null
  readonly igst: TaxShare | null
  readonly cess: TaxShare | null
}

export type TaxBlock = {
  readonly document: TaxDocument
  readonly supplier: TaxParty
  readonly recipient: TaxParty | null
  readonly placeOfSupply: { readonly state: string; readonly stateCode: string }
  readonly lines: readonly TaxLine[]
  readonly reverseCharge: boolean
  readonly signatory: string | null
}
