// What a customer kept, as an app's SDK asks for it when it starts: cards and wallets, by tokens of ours. A card is
// kept with a payment that succeeded and by consent (`save_to_locker`), never by itself, and no number comes with it.
import type { SavedMethod } from '../../domain/customer/saved-method.ts'
import { AppError } from '../../kernel/errors.ts'
import { SavedMethodId } from '../../kernel/ids.ts'
import { deleteOwnSavedMethod, deleteSavedMethod } from '../../operations/delete-saved-method.ts'
import { listOwnSavedMethods, listSavedMethods } from '../../operations/list-saved-methods.ts'
import type { CustomerName } from '../../operations/upsert-customer.ts'
import { customerName } from './customers.ts'
import { missingFields, refusal } from './errors.ts'
import { textIn } from './fields.ts'
import type { Call, JuspayRoute } from './route.ts'
import { tokenize } from './test-cards.ts'
import { dateText } from './words.ts'

/** Who is asked about without a session: the app's own customer, or whoever a key names. */
function customerOf(call: Call, named: string | undefined): CustomerName {
  if (call.customerId !== null) return { id: call.customerId }
  if (named === undefined) throw missingFields('customer_id')
  return customerName(named)
}

/** What was kept, with the customer under its own name. An app that names another customer hears of none. */
async function keptBy(call: Call, named: string | undefined) {
  const { customer, savedMethods } =
    call.session === null
      ? await listSavedMethods(call.deps, call.actor, customerOf(call, named))
      : await listOwnSavedMethods(call.deps, call.actor)
  const name = named === undefined ? undefined : customerName(named)
  const isOther = name !== undefined && ('id' in name ? name.id !== customer.id : name.reference !== customer.reference)
  if (isOther) throw new AppError('customer_not_found')
  return { reference: customer.reference ?? customer.id, savedMethods }
}

async function listCards(call: Call): Promise<unknown> {
  const { reference, savedMethods } = await keptBy(call, textIn(call.fields, 'customer_id'))
  const now = call.deps.clock.now()
  const cards = savedMethods.filter(({ kind }) => kind === 'card').map((method) => cardObject(method, now))
  return { customer_id: reference, merchantId: call.place.merchantId, cards }
}

function cardObject(method: SavedMethod, now: Date) {
  const { expiry } = method
  const monthsLeft =
    expiry === null ? 0 : (expiry.year - now.getUTCFullYear()) * 12 + expiry.month - (now.getUTCMonth() + 1)
  return {
    card_token: method.id,
    card_reference: method.id,
    card_number: `XXXX-XXXXXXXX-${method.lastFour ?? 'XXXX'}`,
    card_isin: method.bin ?? '',
    card_exp_year: expiry === null ? '' : String(expiry.year),
    card_exp_month: expiry === null ? '' : String(expiry.month).padStart(2, '0'),
    card_brand: (method.network ?? '').toUpperCase(),
    card_issuer: method.issuer ?? '',
    card_type: (method.funding ?? '').toUpperCase(),
    card_sub_type: '',
    extended_card_type: '',
    card_fingerprint: '',
    card_issuer_country: '',
    name_on_card: '',
    nickname: '',
    expired: monthsLeft < 0,
    juspay_bank_code: '',
    provider: '',
    provider_category: '',
    tokenize_support: false,
    metadata: {},
  }
}

async function deleteCard(call: Call): Promise<unknown> {
  const token = textIn(call.fields, 'card_token')
  if (token === undefined) throw missingFields('card_token')
  await forget(call, token)
  return { card_token: token, card_reference: token, deleted: true }
}

async function forget(call: Call, id: string): Promise<void> {
  if (!SavedMethodId.is(id)) throw new AppError('saved_method_not_found')
  if (call.session !== null) return deleteOwnSavedMethod(call.deps, call.actor, { savedMethodId: id })
  const named = textIn(call.fields, 'customer_id')
  const isAnyones = call.customerId === null && named === undefined
  const of = isAnyones ? {} : { customer: customerOf(call, named) }
  await deleteSavedMethod(call.deps, call.actor, { ...of, savedMethodId: id })
}

async function listWallets(call: Call): Promise<unknown> {
  const { savedMethods } = await keptBy(call, call.param('customer_id'))
  const list = savedMethods.filter(({ kind }) => kind === 'wallet').map(walletObject)
  return { object: 'list', list, count: list.length, offset: 0, total: list.length }
}

function walletObject(method: SavedMethod) {
  return {
    id: method.id,
    object: 'wallet_account',
    wallet: (method.wallet ?? '').toUpperCase(),
    token: method.id,
    // A gateway tells nobody what is in it before it is paid with.
    current_balance: null,
    linked: true,
    last_refreshed: dateText(method.lastUsedAt),
    juspay_bank_code: '',
    sub_details: [],
    gateway_reference_id: null,
  }
}

async function commandWallet(call: Call): Promise<unknown> {
  const command = textIn(call.fields, 'command')
  if (command === 'link' && textIn(call.fields, 'otp') === undefined) {
    const message = 'OTP is required while linking wallet.'
    const words = { http: 400, status: 'Invalid Request', word: 'Invalid', code: 'INVALID_INPUT', message }
    throw refusal('field_invalid', words)
  }
  const id = call.param('wallet_id')
  if (command !== 'delink') throw notEnabled('A wallet is linked with the payment that it is used for.')
  await forget(call, id)
  return { id, object: 'wallet_account', linked: false }
}

const notEnabled = (message: string) =>
  refusal('not_supported_by_gateway', {
    http: 400,
    word: 'feature_not_enabled',
    code: 'FEATURE_NOT_ENABLED',
    message,
  })

const KEPT_BY_PAYING = 'A card is kept with the payment that it is used for: send save_to_locker=true with it.'
const refuse = (message: string) => () => Promise.reject(notEnabled(message))

const reads = { key: 'read', token: true, customer: true } as const
const changes = { key: 'orders', token: true, customer: true } as const
const NUMBERS = ['card_number'] as const

export const keptRoutes: readonly JuspayRoute[] = [
  { method: 'GET', paths: ['/cards', '/card/list'], who: reads, handle: listCards },
  { method: 'POST', paths: ['/card/list'], who: reads, handle: listCards },
  { method: 'POST', paths: ['/card/delete'], who: changes, handle: deleteCard },
  { method: 'POST', paths: ['/card/tokenize'], who: reads, cards: NUMBERS, handle: tokenize },
  { method: 'POST', paths: ['/cards', '/card/add', '/card/update'], who: changes, handle: refuse(KEPT_BY_PAYING) },
  {
    method: 'GET',
    paths: ['/customers/:customer_id/wallets', '/customers/:customer_id/wallets/refresh-balances'],
    who: reads,
    handle: listWallets,
  },
  {
    method: 'POST',
    paths: ['/customers/:customer_id/wallets'],
    who: changes,
    handle: refuse('A wallet is linked with the payment that it is used for.'),
  },
  { method: 'POST', paths: ['/wallets/:wallet_id'], who: changes, handle: commandWallet },
]
