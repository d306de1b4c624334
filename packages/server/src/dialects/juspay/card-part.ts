// What is shown of a card: nothing that was not printed on a receipt, too.
import type { PaymentRecord } from '../../domain/payment/record.ts'

export function cardPart({ facts, instrument }: PaymentRecord) {
  return {
    // Never known here: what is paid with is a token.
    expiry_year: '',
    expiry_month: '',
    card_reference: '',
    card_fingerprint: '',
    juspay_bank_code: '',
    last_four_digits: facts.lastFour ?? '',
    card_isin: facts.bin ?? '',
    card_brand: (facts.network ?? '').toUpperCase(),
    card_type: (facts.funding ?? '').toUpperCase(),
    card_issuer: facts.issuer ?? '',
    name_on_card: '',
    saved_to_locker: instrument.save === true,
    using_saved_card: instrument.savedMethodId !== undefined,
    using_token: true,
    card_issuer_country: '',
  }
}
