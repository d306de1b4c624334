// What the method list knows of a method: how it is called, its own fields, and the instrument they stand for. A new
// method is a new file here and a line in index.ts.
import { element } from '../dom.ts'
import type { Instrument } from '../wire.ts'
import type { Words } from '../words/index.ts'

export type Choice = { readonly instrument: Instrument } | { readonly missing: HTMLElement }

export type MethodView = {
  readonly name: string
  readonly label: string
  readonly summary: string
  readonly fields: readonly HTMLElement[]
  /** Reads the fields. Where something is missing, the field says so itself and is the one to go to. */
  choice(): Choice
}

export type Surroundings = { readonly words: Words; readonly phone: boolean }

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
