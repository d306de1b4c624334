// What the payer has filled in, carried over when the form is drawn anew in another language. By the fields' ids, which
// no language changes; nothing is kept beyond that moment.
type Field = HTMLInputElement | HTMLSelectElement

const fieldsOf = (root: HTMLElement) => [...root.querySelectorAll<Field>('input[id], select[id]')]
const isTick = (field: Field): field is HTMLInputElement => field.type === 'radio' || field.type === 'checkbox'

export function readForm(root: HTMLElement): ReadonlyMap<string, string | boolean> {
  return new Map(fieldsOf(root).map((field) => [field.id, isTick(field) ? field.checked : field.value]))
}

export function fillForm(root: HTMLElement, written: ReadonlyMap<string, string | boolean>): void {
  for (const field of fieldsOf(root)) {
    const value = written.get(field.id)
    if (isTick(field)) field.checked = value === undefined ? field.checked : value === true
    else if (typeof value === 'string') field.value = value
    // The form shows what belongs to it.
    field.dispatchEvent(new Event('change', { bubbles: true }))
  }
}
