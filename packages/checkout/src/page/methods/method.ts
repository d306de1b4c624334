// What the method list knows of a method: how it is called, its own fields, and the instrument they stand for. A new
// method is a new file here and a line in index.ts.
import { element } from '../dom.ts'
import type { Chosen, Instrument } from '../wire.ts'
import type { Words } from '../words/index.ts'

export type Choice = Chosen | { readonly missing: HTMLElement }

export type MethodView = {
  readonly name: string
  readonly label: string
  readonly summary: string
  readonly fields: readonly HTMLElement[]
  /** Of the button, where it does not pay at once. */
  readonly act?: string
  /** Reads the fields. Where something is missing, the field says so itself and is the one to go to. */
  choice(): Choice
}

export type Surroundings = {
  readonly words: Words
  readonly phone: boolean
  /** What is to be paid, as people read it. */
  readonly amount: string
  /** Methods that the payer may have kept for the next time. */
  readonly savable: readonly string[]
  onForget(savedMethodId: string): void
}

type Option = { readonly value: string; readonly label: string; readonly hint: string }

/** A labelled list to choose from, with a sentence about the chosen entry below it. */
export function choiceField(
  name: string,
  label: string,
  options: readonly Option[],
  words: Words,
): { readonly field: HTMLElement; choose: (instrumentOf: (value: string) => Instrument) => Choice } {
  const hint = element('p', { class: 'hint', id: `${name}-hint` })
  const problem = element('p', { class: 'problem', id: `${name}-problem` })
  const select = element(
    'select',
    { id: name, name, 'aria-describedby': `${hint.id} ${problem.id}` },
    ...(options.length === 1 ? [] : [element('option', { value: '' }, words.select)]),
    ...options.map(({ value, label: text }) => element('option', { value }, text)),
  )
  const say = (text: string) => {
    problem.textContent = text
    if (text === '') select.removeAttribute('aria-invalid')
    else select.setAttribute('aria-invalid', 'true')
  }
  const describe = () => {
    hint.textContent = options.find(({ value }) => value === select.value)?.hint ?? ''
    say('')
  }
  select.addEventListener('change', describe)
  describe()
  const field = element('div', { class: 'field' }, element('label', { for: name }, label), select, hint, problem)
  return {
    field,
    choose: (instrumentOf) => {
      if (select.value !== '') return { instrument: instrumentOf(select.value) }
      say(words.missing)
      return { missing: select }
    },
  }
}

export type Keeping = { readonly field: HTMLElement | undefined; wanted(choice: Choice): Choice }

/** A box to tick, empty at first: keeping is the payer's own wish. No box where the method cannot be kept. */
export function keepField(method: string, { words, savable }: Surroundings): Keeping {
  if (!savable.includes(method)) return { field: undefined, wanted: (choice) => choice }
  const id = `keep-${method}`
  const box = element('input', { type: 'checkbox', id, 'aria-describedby': `${id}-hint` })
  const label = element('label', { for: id, class: 'keep' }, box, words.keep)
  const field = element('div', {}, label, element('p', { class: 'hint', id: `${id}-hint` }, words.keepHint))
  return { field, wanted: (choice) => ('missing' in choice || !box.checked ? choice : { ...choice, save: true }) }
}
