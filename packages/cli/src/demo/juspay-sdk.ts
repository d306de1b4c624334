// An app's payment SDK without a screen, for the terminal: it makes the calls that an SDK makes between the app and the
// server and says the same events in the same envelope (packages/checkout has the SDK that people see). The payer here
// always pays with one test card.
import type { Answer, Json } from './api.ts'
import type { JuspayApi } from './juspay-api.ts'

export type SdkEvent = {
  readonly event: string
  readonly service: string
  readonly requestId: string
  readonly error: boolean
  readonly errorCode: string
  readonly errorMessage: string
  readonly payload: Json
}

export type Sdk = {
  preFetch(): Promise<Answer>
  initiate(envelope: Json): Promise<void>
  /** Resolves when it has told its result. */
  process(envelope: Json): Promise<void>
  terminate(): void
}

const FINE = { error: false, errorCode: '', errorMessage: '' } as const

export function createSdk(app: JuspayApi, onEvent: (event: SdkEvent) => void): Sdk {
  let isInitiated = false
  const tell = (envelope: Json, event: string, payload: Json, failure?: { code: string; message: string }) => {
    const { service, requestId } = envelope as { service: string; requestId: string }
    const outcome = failure && { error: true, errorCode: failure.code, errorMessage: failure.message }
    onEvent({ event, service, requestId, ...(outcome ?? FINE), payload })
  }
  const openPage = (token: string) => app({ method: 'GET', path: `/pay/${token}`, show: ['type'] })
  return {
    preFetch: () => app({ method: 'GET', path: '/sdk/purser.js', show: ['type'] }),
    initiate: async (envelope) => {
      const page = await openPage('warm')
      isInitiated = page.status === 200
      const failure = isInitiated ? undefined : { code: 'JP_001', message: 'The payment page did not answer.' }
      tell(
        envelope,
        'initiate_result',
        { action: 'initiate', status: isInitiated ? 'success' : 'api_failure' },
        failure,
      )
    },
    process: async (envelope) => {
      const action = 'paymentPage'
      if (!isInitiated) {
        const failure = { code: 'JP_012', message: 'process() before initiate()' }
        return tell(envelope, 'process_result', { action, status: 'api_failure' }, failure)
      }
      tell(envelope, 'show_loader', {})
      const { orderDetails, signature, merchantKeyId, orderId } = envelope['payload'] as Record<string, string>
      const order = await app({
        method: 'POST',
        path: '/v2/orders',
        json: { order_details: orderDetails, signature, merchant_key_id: merchantKeyId },
        show: ['status', 'order_id', 'amount'],
      })
      const token = (order.body['juspay'] as { client_auth_token: string } | undefined)?.client_auth_token ?? ''
      await openPage(token)
      tell(envelope, 'hide_loader', {})
      const { status, body } = await app({
        method: 'POST',
        path: '/sdk/v1/payments',
        token,
        json: { instrument: { method: 'card', token: 'tok_approve' } },
        show: ['status', 'amount', 'method'],
      })
      const isPaid = status < 300 && body['status'] === 'captured'
      const failure = isPaid ? undefined : { code: 'JP_006', message: 'The outcome is not known yet.' }
      const result = { action, status: isPaid ? 'charged' : 'authorizing', orderId, paymentInstrument: 'CARD' }
      tell(envelope, 'process_result', result, failure)
    },
    terminate: () => {
      isInitiated = false
    },
  }
}
