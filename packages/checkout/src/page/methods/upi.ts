// UPI: an app on this phone, a code to scan from another screen, or a request to an id. The last one only where the
// account says so: it names ids to ask; network rules ended such requests for most merchants.
import { element } from '../dom.ts'
import type { TestInstrument, UpiFlow } from '../wire.ts'
import { keepField } from './method.ts'
import type { MethodView, Surroundings } from './method.ts'

const UPI_ID = /^[a-zA-Z0-9._-]{2,256}@[a-zA-Z][a-zA-Z0-9]{1,63}$/

export function upiMethod(ids: readonly TestInstrument[], surroundings: Surroundings): MethodView {
  const { words, phone } = surroundings
  // An app that is opened by a link or a code tells nobody whose it is: only an id can be kept.
  const keeping = keepField('upi', surroundings)
  const labels: Record<UpiFlow, string> = {
    intent: phone ? words.upiIntentPhone : words.upiIntent,
    qr: words.upiQr,
    collect: words.upiCollect,
  }
  const order: readonly UpiFlow[] = phone ? ['intent', 'collect', 'qr'] : ['qr', 'collect', 'intent']
  const canAsk = ids.some(({ value }) => UPI_ID.test(value))
  const offered = order.filter((flow) => flow !== 'collect' || canAsk)

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
    list: 'upi-ids',
  })
  const known = ids.map(({ value, label }) => element('option', { value, label }))
  const list = element('datalist', { id: 'upi-ids' }, ...known)
  const idField = element(
    'div',
    { class: 'field' },
    element('label', { for: 'upi-id' }, words.upiId),
    id,
    list,
    error,
    keeping.field,
  )

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
    fields: canAsk ? [group, idField] : [group],
    choice: () => {
      const flow = chosen()
      error.textContent = ''
      id.removeAttribute('aria-invalid')
      if (flow === undefined) return { missing: group }
      if (flow !== 'collect') return { instrument: { method: 'upi', flow } }
      const vpa = id.value.trim()
      if (UPI_ID.test(vpa)) return keeping.wanted({ instrument: { method: 'upi', flow, vpa } })
      id.setAttribute('aria-invalid', 'true')
      error.textContent = words.upiIdInvalid
      return { missing: id }
    },
  }
}
