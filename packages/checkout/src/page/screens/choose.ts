// The list of methods and the pay button. It is a form with native radio buttons and lists, so the keyboard, a screen
// reader and the browser's own habits work without being taught.
import { element } from '../dom.ts'
import { methodViews } from '../methods/index.ts'
import type { MethodView, Surroundings } from '../methods/method.ts'
import type { Chosen, MandateView, SessionView } from '../wire.ts'
import type { LiveScreen } from './waiting.ts'

type Given = Surroundings & {
  readonly view: SessionView
  /** An amount of the mandate, and its last day, as people read them. */
  readonly mandateAmount: string
  readonly mandateEnds: string
  readonly preselected: string | undefined
  onPay(chosen: Chosen, method: string): void
}

export function chooseScreen(given: Given): LiveScreen {
  const { words, view, amount } = given
  const methods = methodViews(view, given)
  const first = methods.find(({ name }) => name === given.preselected) ?? methods[0]
  const rows = methods.map((method) => row(method, method === first))
  const refusal = element('p', { class: 'problem banner', role: 'alert' })
  const label = element('span', {}, words.pay(amount))
  const submit = element('button', { type: 'submit', class: 'primary pay' }, label)
  const fields = element(
    'fieldset',
    { class: 'methods' },
    element('legend', {}, element('h2', { tabindex: '-1' }, words.choose)),
    ...rows.map(({ root }) => root),
    rows.length === 0 && element('p', { class: 'problem' }, words.noMethods),
  )
  const consent = view.mandate === null ? undefined : consentPart(given, view.mandate)
  const form = element('form', { novalidate: true }, refusal, fields, consent, rows.length > 0 && submit)
  // Said with the button, too, so that nobody consents to what was never read to them.
  if (consent !== undefined) submit.setAttribute('aria-describedby', consent.id)
  let busy = false
  const show = () => {
    for (const { panel, radio } of rows) panel.hidden = !radio.checked
    const act = rows.find(({ radio }) => radio.checked)?.method.act ?? words.pay(amount)
    label.textContent = busy ? words.paying : act
  }
  fields.addEventListener('change', show)
  show()

  form.addEventListener('submit', (event) => {
    event.preventDefault()
    const chosen = rows.find(({ radio }) => radio.checked)
    if (chosen === undefined || submit.disabled) return
    const choice = chosen.method.choice()
    if ('missing' in choice) choice.missing.focus()
    else given.onPay(choice, chosen.method.name)
  })
  return {
    root: form,
    setBusy: (isBusy) => {
      busy = isBusy
      submit.disabled = busy
      fields.disabled = busy
      show()
      form.setAttribute('aria-busy', String(busy))
    },
    setRefusal: (text) => {
      if (refusal.textContent !== (text ?? '')) refusal.textContent = text ?? ''
    },
  }
}

/** Before the button and never folded away: paying is consenting. */
function consentPart({ words, view, mandateAmount, mandateEnds }: Given, mandate: MandateView): HTMLElement {
  const { mandate: say } = words
  const shown = { amount: mandateAmount, ends: mandateEnds, merchant: view.merchant.name }
  return element(
    'section',
    { class: 'consent', id: 'consent' },
    element('h3', {}, say.title),
    element('p', {}, say.terms(mandate, shown)),
    mandate.block_funds && element('p', {}, say.blocked),
    element('p', {}, mandate.revocable_by_customer ? say.revocable : say.irrevocable),
    mandate.requirement === 'optional' && element('p', {}, say.optional),
  )
}

function row(method: MethodView, checked: boolean) {
  const id = `method-${method.name}`
  const radio = element('input', { type: 'radio', name: 'method', value: method.name, id, checked })
  const text = element(
    'span',
    { class: 'method-text' },
    element('span', { class: 'method-label' }, method.label),
    element('span', { class: 'method-summary' }, method.summary),
  )
  const panel = element('div', { class: 'panel' }, ...method.fields)
  const root = element(
    'div',
    { class: 'method' },
    element('label', { for: id, class: 'method-head' }, radio, text),
    method.fields.length > 0 && panel,
  )
  return { root, radio, panel, method }
}
