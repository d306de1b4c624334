// What a payer consents to beside this payment, said in whole sentences: how much at most, how often, until when, and
// how to end it.
import type { MandateView } from '../wire.ts'

type Shown = { readonly amount: string; readonly ends: string; readonly merchant: string }

const OFTEN: Readonly<Record<MandateView['frequency'], string>> = {
  one_time: 'once',
  daily: 'every day',
  weekly: 'every week',
  fortnightly: 'every two weeks',
  monthly: 'every month',
  bimonthly: 'every two months',
  quarterly: 'every three months',
  half_yearly: 'every six months',
  yearly: 'every year',
  as_presented: 'whenever a bill is due',
}

const DAYS = {
  on: (day: number) => `on day ${day}`,
  before: (day: number) => `on day ${day} or before`,
  after: (day: number) => `on day ${day} or later`,
}

export const mandateInEnglish = {
  title: 'You also agree to later payments',
  optional: 'Where your bank does not offer this, only today’s payment is made.',
  terms: (mandate: MandateView, { amount, ends, merchant }: Shown): string => {
    const most = mandate.amount_rule === 'fixed' ? amount : `up to ${amount}`
    const day = mandate.day_rule === null ? '' : `, ${DAYS[mandate.day_rule.rule](mandate.day_rule.day)}`
    return `${merchant} may take ${most} ${OFTEN[mandate.frequency]}${day}, until ${ends}.`
  },
  blocked: 'Your bank sets this amount aside until then.',
  revocable: 'You can stop it at any time in your bank’s app.',
  irrevocable: 'You cannot stop it yourself. To end it, ask the shop.',
}
