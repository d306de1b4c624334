// Where a payer answers: the bank's 3-D Secure step, the bank's own page for net banking, and a stand-in for the bank's
// app on the payer's phone for UPI. They act on the gateway's book alone. Coming back to the merchant's address proves
// nothing: Purser learns what happened by notification, or asks.
import type { FastifyInstance, FastifyReply } from 'fastify'
import { formatForPeople } from '../../kernel/money.ts'
import { hashToken } from '../../kernel/secret.ts'
import { answerPage } from '../actions/change-payment.ts'
import type { BookPayment, GatewayStatus, PayerPage } from '../book/payment.ts'
import { findInstrument } from '../instruments.ts'
import { findPaymentByPage } from '../store/payments.ts'
import type { GatewayContext } from './context.ts'
import { document, html, pageHeaders } from './html.ts'
import type { Html } from './html.ts'

type Answer = 'approve' | 'fail' | 'cancel'
type Words = {
  readonly bank: string
  readonly title: string
  readonly ask: string
  readonly buttons: readonly { readonly answer: Answer; readonly text: string }[]
  readonly note: string
}

const WORDS: Record<PayerPage, Words> = {
  acs: {
    bank: 'Sandbox Bank · Secure check',
    title: 'Confirm your payment',
    ask: 'Your bank wants to be sure that it is you.',
    buttons: [
      { answer: 'approve', text: 'Approve' },
      { answer: 'fail', text: 'Fail the check' },
      { answer: 'cancel', text: 'Cancel' },
    ],
    note: 'A test page of the sandbox gateway. No money moves.',
  },
  bank: {
    bank: 'Sandbox Bank · Internet banking',
    title: 'Approve this payment',
    ask: 'You are signed in as Test Payer.',
    buttons: [
      { answer: 'approve', text: 'Pay' },
      { answer: 'fail', text: 'Fail the payment' },
      { answer: 'cancel', text: 'Cancel' },
    ],
    note: 'A test page of the sandbox gateway. No money moves.',
  },
  upi: {
    bank: 'Sandbox UPI app',
    title: 'Payment request',
    ask: 'This page stands in for the UPI app on the payer’s phone.',
    buttons: [
      { answer: 'approve', text: 'Pay' },
      { answer: 'fail', text: 'Decline' },
    ],
    note: 'The merchant’s page notices by itself. No money moves.',
  },
}

const OUTCOMES: Record<GatewayStatus, string> = {
  ACTION_NEEDED: 'Waiting for your answer.',
  PENDING: 'Your answer was taken. The bank is still working on it.',
  HELD: 'Approved.',
  PART_PAID: 'Paid.',
  PAID: 'Paid.',
  REJECTED: 'Not approved. Nothing was charged.',
  RELEASED: 'Released. Nothing was charged.',
  LAPSED: 'The time for an answer has run out. Nothing was charged.',
  CANCELLED: 'Cancelled. Nothing was charged.',
}

export function payerPages(app: FastifyInstance, context: GatewayContext): void {
  for (const page of ['acs', 'upi', 'bank'] as const) {
    app.get<{ Params: { token: string } }>(`/${page}/:token`, async (request, reply) => {
      const payment = await findPaymentByPage(context.pool, hashToken(request.params.token))
      return payment?.page === page ? show(reply, payment, page) : notFound(reply)
    })
    app.post<{ Params: { token: string } }>(`/${page}/:token`, async (request, reply) => {
      const answer = readAnswer(page, request.body)
      const { token } = request.params
      if (answer === undefined) return notFound(reply)
      const payment = await answerPage(context, page, token, answer)
      if (payment === undefined) return notFound(reply)
      context.nudge('both')
      // The payer's phone shows the outcome; a browser that came from the merchant goes back there.
      const target = page === 'upi' ? `${context.baseUrl()}/sandbox/upi/${token}` : payment.returnUrl
      return reply.code(303).headers(pageHeaders([])).header('location', target).send('')
    })
  }
}

function readAnswer(page: PayerPage, body: unknown): Answer | undefined {
  const given = body instanceof URLSearchParams ? body.get('answer') : null
  return WORDS[page].buttons.find(({ answer }) => answer === given)?.answer
}

function show(reply: FastifyReply, payment: BookPayment, page: PayerPage) {
  const words = WORDS[page]
  const isOpen = payment.status === 'ACTION_NEEDED'
  const content = html`<p class="bank">${words.bank}</p>
<h1>${isOpen ? words.title : 'This step is over'}</h1>
<p>${isOpen ? words.ask : OUTCOMES[payment.status]}</p>
<p class="amount">${formatForPeople({ minor: payment.amount, currency: payment.currency }, 'en-IN')}</p>
<dl>
<dt>For</dt><dd>${payment.description === '' ? 'a payment' : payment.description}</dd>
${instrumentLine(payment)}
</dl>
${isOpen ? buttons(words) : wayBack(payment, page)}
<p class="note">${words.note}</p>`
  return reply
    .headers(pageHeaders([new URL(payment.returnUrl).origin]))
    .send(document(`${words.title} · Sandbox`, content))
}

function instrumentLine(payment: BookPayment): Html {
  const instrument = findInstrument(payment.method, payment.instrument)
  if (payment.method === 'card')
    return html`<dt>Card</dt><dd>${instrument?.network ?? ''} •••• ${instrument?.lastFour ?? ''}</dd>`
  if (payment.method === 'netbanking') return html`<dt>Bank</dt><dd>${instrument?.name ?? payment.instrument}</dd>`
  return payment.flow === 'collect' ? html`<dt>UPI id</dt><dd>${payment.instrument}</dd>` : html``
}

function buttons(words: Words): Html {
  const list = words.buttons.map(
    ({ answer, text }) =>
      html`<button type="submit" name="answer" value="${answer}"${answer === 'approve' ? html` class="yes"` : ''}>${text}</button>`,
  )
  return html`<form method="post">${list}</form>`
}

function wayBack(payment: BookPayment, page: PayerPage): Html {
  return page === 'upi' ? html`` : html`<p><a class="button" href="${payment.returnUrl}">Back to the shop</a></p>`
}

function notFound(reply: FastifyReply) {
  const content = html`<h1>Nothing to confirm here</h1><p>The link is not complete, or its payment is gone.</p>`
  return reply.code(404).headers(pageHeaders([])).send(document('Not found · Sandbox', content))
}
