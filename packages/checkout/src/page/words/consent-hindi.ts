// As consent-english.ts, in Hindi.
import type { MandateView } from '../wire.ts'
import type { mandateInEnglish } from './consent-english.ts'

const OFTEN: Readonly<Record<MandateView['frequency'], string>> = {
  one_time: 'एक बार',
  daily: 'हर दिन',
  weekly: 'हर सप्ताह',
  fortnightly: 'हर दो सप्ताह में',
  monthly: 'हर महीने',
  bimonthly: 'हर दो महीने में',
  quarterly: 'हर तीन महीने में',
  half_yearly: 'हर छह महीने में',
  yearly: 'हर साल',
  as_presented: 'बिल आने पर',
}

const DAYS = {
  on: (day: number) => `दिन ${day} को`,
  before: (day: number) => `दिन ${day} तक`,
  after: (day: number) => `दिन ${day} या उसके बाद`,
}

export const mandateInHindi: typeof mandateInEnglish = {
  title: 'आप आगे के भुगतानों की भी अनुमति दे रहे हैं',
  optional: 'जहाँ आपका बैंक यह सुविधा नहीं देता, वहाँ केवल आज का भुगतान होगा।',
  terms: (mandate, { amount, ends, merchant }) => {
    const most = mandate.amount_rule === 'fixed' ? amount : `${amount} तक`
    const day = mandate.day_rule === null ? '' : `, ${DAYS[mandate.day_rule.rule](mandate.day_rule.day)}`
    return `${merchant} ${ends} तक ${OFTEN[mandate.frequency]}${day} ${most} ले सकता है।`
  },
  blocked: 'तब तक आपका बैंक यह राशि अलग रखेगा।',
  revocable: 'आप इसे अपने बैंक के ऐप में कभी भी रोक सकते हैं।',
  irrevocable: 'आप इसे स्वयं नहीं रोक सकते। बंद कराने के लिए दुकान से कहें।',
}
