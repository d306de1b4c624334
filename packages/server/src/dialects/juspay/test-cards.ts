// What a card is here: a token of the gateway, one that a customer kept, or one of the few numbers that the API
// documents for tests. Such a number becomes a token of the sandbox, in test mode, and is gone before anything is
// stored or logged; every other number is refused.
import type { StartCommand } from '../../operations/start-command.ts'
import { assertNoCardNumbers } from '../../kernel/card-tripwire.ts'
import { AppError } from '../../kernel/errors.ts'
import { SavedMethodId } from '../../kernel/ids.ts'
import { missingFields, refusal } from './errors.ts'
import { textIn } from './fields.ts'
import type { Fields } from './fields.ts'
import type { Call } from './route.ts'

type TestCard = { readonly step: string; readonly direct: string; readonly token: string }

// As the documentation of the API lists them for its own sandbox. A token stands for its card, and for nobody's.
const TEST_CARDS: Readonly<Record<string, TestCard>> = {
  '4242424242424242': { step: 'tok_3ds_approve', direct: 'tok_approve', token: 'ctkn_visa0000000000000001' },
  '4111111111111111': { step: 'tok_3ds_approve', direct: 'tok_approve', token: 'ctkn_visa0000000000000002' },
  '5243681100075285': {
    step: 'tok_approve_mastercard',
    direct: 'tok_approve_mastercard',
    token: 'ctkn_mastercard0000000003',
  },
}

export const isTest = ({ actor }: Call): boolean => actor.tenant.mode === 'test'

export function cardIn(call: Call): StartCommand['instrument'] {
  const { fields } = call
  const token = textIn(fields, 'card_token')
  if (token === undefined) return { method: 'card', token: sandboxToken(fields, cardOf(call)) }
  assertNoCardNumbers({ card_token: token })
  if (SavedMethodId.is(token)) return { savedMethodId: token }
  if (!token.startsWith('ctkn_')) return { method: 'card', token }
  const known = isTest(call) ? Object.values(TEST_CARDS).find((card) => card.token === token) : undefined
  if (known === undefined) throw new AppError('field_invalid', { field: 'card_token', reason: 'Invalid value.' })
  return { method: 'card', token: sandboxToken(fields, known) }
}

const sandboxToken = (fields: Fields, card: TestCard) =>
  textIn(fields, 'auth_type') === 'MOTO' ? card.direct : card.step

function cardOf(call: Call): TestCard {
  const number = textIn(call.fields, 'card_number')?.replaceAll(/[ -]/g, '')
  if (number === undefined) throw missingFields('card_token')
  const known = isTest(call) ? TEST_CARDS[number] : undefined
  if (known === undefined) throw new AppError('card_number_refused', { field: 'card_number', reason: 'Send a token.' })
  return known
}

/** A token for a documented test card; the checks and their words are the vendor's. */
export async function tokenize(call: Call): Promise<unknown> {
  const { token } = cardOf(call)
  const { fields } = call
  const month = /^\d{1,2}$/.exec(textIn(fields, 'card_exp_month') ?? '')?.[0]
  if (month === undefined || Number.parseInt(month, 10) < 1 || Number.parseInt(month, 10) > 12) {
    throw invalidCard('invalidRange', 'card_exp_month', {
      message: 'Card expiry month should be between 1 and 12',
      developerMessage: 'Invalid card expiry month.',
    })
  }
  const year = /^(?:20)?(\d{2})$/.exec(textIn(fields, 'card_exp_year') ?? '')?.[1]
  if (year === undefined || Number.parseInt(`20${year}`, 10) < call.deps.clock.now().getUTCFullYear()) {
    throw invalidCard('invalid', 'card_exp_year', { message: 'Invalid card expiry year' })
  }
  if (textIn(fields, 'card_security_code') === undefined) {
    const message = 'Card security code should be present.'
    throw invalidCard('nullable', 'card_security_code', { message, reason: 'Missing value.' })
  }
  return { token }
}

function invalidCard(
  word: string,
  field_name: string,
  {
    message,
    developerMessage,
    reason = 'Invalid value.',
  }: { message: string; developerMessage?: string; reason?: string },
): AppError {
  const words = { http: 400, word, code: 'INVALID_INPUT', message, fields: [{ field_name, reason }] }
  return refusal('field_invalid', developerMessage === undefined ? words : { ...words, developerMessage })
}
