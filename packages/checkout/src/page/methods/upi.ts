// UPI: an app on this phone, a code to scan from another screen, or a request to an id where the account may ask.
import { element } from '../dom.ts'
import type { UpiFlow } from '../wire.ts'
import type { MethodView, Surroundings } from './method.ts'

const UPI_ID = /^[a-zA-Z0-9._-]{2,256}@[a-zA-Z][a-zA-Z0-9]{1,63}$/

export function upiMethod(flows: readonly UpiFlow[], { words, phone }: Surroundings): MethodView {
  const labels: Record<UpiFlow, string> = {
    intent: phone ? words.upiIntentPhone : words.upiIntent,
    qr: words.upiQr,
    collect: words.upiCollect,
  }
  const order: readonly UpiFlow[] = phone ? ['intent', 'collect', 'qr'] : ['qr', 'collect', 'intent']
  const offered = order.filter((flow) => flows.includes(flow))

  const error = element('p', { class: 'problem', id: 'upi-id-problem' })
  const id = element('input', {
    id: 'upi-id',
    name: 'upi-id',
    type: 'text',
    inputmode: 'email',
    autocomplete: 'off',
    autocapitalize: 'none',
    spellcheck: 'false',
    placeholder: words.upiIdExample,
    'aria-describedby': error.id,
  })
  const idField = element('div', { class: 'field' }, element('label', { for: 'upi-id' }, words.upiId), id, error)

  const radios = offered.map((flow, index) =>
    element('input', { type: 'radio', name: 'upi-flow', value: flow, id: `upi-flow-${flow}`, checked: index === 0 }),
  )
  const chosen = () => radios.find((radio) => radio.checked)?.value as UpiFlow | undefined
  const show = () => {
    idField.hidden = chosen() !== 'collect'
  }
  const group = element(
    'fieldset',
    { class: 'flows' },
    element('legend', {}, words.upiFlows),
    ...radios.map((radio) => element('label', { for: radio.id, class: 'flow' }, radio, labels[radio.value as UpiFlow])),
  )
  group.addEventListener('change', show)
  show()

  return {
    name: 'upi',
    label: words.upi,
    summary: words.upiSummary,
    fields: [...(offered.length > 1 ? [group] : []), ...(offered.includes('collect') ? [idField] : [])],
    choice: () => {
      const flow = chosen()
      error.textContent = ''
      id.removeAttribute('aria-invalid')
      if (flow === undefined) return { missing: group }
      if (flow !== 'collect') return { instrument: { method: 'upi', flow } }
      const vpa = id.value.trim()
      if (UPI_ID.test(vpa)) return { instrument: { method: 'upi', flow, vpa } }
      id.setAttribute('aria-invalid', 'true')
      error.textContent = words.upiIdInvalid
      return { missing: id }
    },
  }
}
