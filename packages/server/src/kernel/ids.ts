// Ids are prefixed so that a wrong one is visible in a log line, and branded so that a wrong one does not compile.
// Time comes first, so ids sort by creation and index pages stay warm; 86 random bits follow. They are identifiers,
// not secrets: whatever grants access is a token (secret.ts).
import { AppError } from './errors.ts'
import { systemRandomness } from './random.ts'
import type { Randomness } from './random.ts'

declare const brand: unique symbol
type Branded<Name extends string> = string & { readonly [brand]: Name }

export type IdKind<Id extends string> = {
  readonly prefix: string
  /** A fresh id. `now` orders ids among each other; it carries no meaning. */
  create(now: Date, randomness?: Randomness): Id
  /** @throws AppError id_malformed */
  parse(text: string): Id
  is(text: string): text is Id
}

function idKind<Id extends Branded<string>>(prefix: string): IdKind<Id> {
  const pattern = new RegExp(`^${prefix}_[0-9a-z]{26}$`)
  return {
    prefix,
    create(now, randomness = systemRandomness) {
      const time = now.getTime().toString(36).padStart(9, '0')
      const random = BigInt(`0x${randomness.bytes(11).toString('hex')}`)
        .toString(36)
        .padStart(17, '0')
      return `${prefix}_${time}${random.slice(-17)}` as Id
    },
    parse(text) {
      if (!pattern.test(text)) throw new AppError('id_malformed', { expected: `${prefix}_…` })
      return text as Id
    },
    is: (text): text is Id => pattern.test(text),
  }
}

export type MerchantId = Branded<'MerchantId'>
export type GatewayAccountId = Branded<'GatewayAccountId'>
export type CustomerId = Branded<'CustomerId'>
export type OrderId = Branded<'OrderId'>
export type SessionId = Branded<'SessionId'>
export type PaymentId = Branded<'PaymentId'>
export type OperationId = Branded<'OperationId'>
export type RefundId = Branded<'RefundId'>
export type EventId = Branded<'EventId'>
export type WebhookEndpointId = Branded<'WebhookEndpointId'>
export type DeliveryId = Branded<'DeliveryId'>
export type NotificationId = Branded<'NotificationId'>
export type ConflictId = Branded<'ConflictId'>
export type ExchangeId = Branded<'ExchangeId'>
export type PostingId = Branded<'PostingId'>
export type ReceiptId = Branded<'ReceiptId'>
export type ApiKeyId = Branded<'ApiKeyId'>
export type SigningKeyId = Branded<'SigningKeyId'>
export type MerchantKeyId = Branded<'MerchantKeyId'>
export type SignedPayloadId = Branded<'SignedPayloadId'>
export type UserId = Branded<'UserId'>
export type AuditId = Branded<'AuditId'>
export type AllocationId = Branded<'AllocationId'>
export type MandateId = Branded<'MandateId'>
export type MandateExecutionId = Branded<'MandateExecutionId'>
export type PreDebitNoticeId = Branded<'PreDebitNoticeId'>
export type ReconciliationId = Branded<'ReconciliationId'>
export type SettlementId = Branded<'SettlementId'>
export type SettlementLineId = Branded<'SettlementLineId'>
export type DisputeId = Branded<'DisputeId'>
export type DisputeEvidenceId = Branded<'DisputeEvidenceId'>
export type BreakId = Branded<'BreakId'>
export type SavedMethodId = Branded<'SavedMethodId'>
export type FulfilmentId = Branded<'FulfilmentId'>

export const MerchantId = idKind<MerchantId>('mer')
export const GatewayAccountId = idKind<GatewayAccountId>('gwa')
export const CustomerId = idKind<CustomerId>('cus')
export const OrderId = idKind<OrderId>('ord')
export const SessionId = idKind<SessionId>('ses')
export const PaymentId = idKind<PaymentId>('pay')
export const OperationId = idKind<OperationId>('op')
export const RefundId = idKind<RefundId>('ref')
export const EventId = idKind<EventId>('evt')
export const WebhookEndpointId = idKind<WebhookEndpointId>('whe')
export const DeliveryId = idKind<DeliveryId>('dlv')
export const NotificationId = idKind<NotificationId>('ntf')
export const ConflictId = idKind<ConflictId>('cfl')
export const ExchangeId = idKind<ExchangeId>('exc')
export const PostingId = idKind<PostingId>('pst')
export const ReceiptId = idKind<ReceiptId>('rct')
// Mode stands in a key's own id, so that a person sees at once which kind it is.
export const TestApiKeyId = idKind<ApiKeyId>('test')
export const LiveApiKeyId = idKind<ApiKeyId>('live')
export const SigningKeyId = idKind<SigningKeyId>('sgk')
export const MerchantKeyId = idKind<MerchantKeyId>('key')
export const SignedPayloadId = idKind<SignedPayloadId>('spl')
export const UserId = idKind<UserId>('usr')
export const AuditId = idKind<AuditId>('aud')
export const AllocationId = idKind<AllocationId>('alc')
export const MandateId = idKind<MandateId>('man')
export const MandateExecutionId = idKind<MandateExecutionId>('mex')
export const PreDebitNoticeId = idKind<PreDebitNoticeId>('pdn')
export const ReconciliationId = idKind<ReconciliationId>('rcn')
export const SettlementId = idKind<SettlementId>('stl')
export const SettlementLineId = idKind<SettlementLineId>('sln')
export const DisputeId = idKind<DisputeId>('dsp')
export const DisputeEvidenceId = idKind<DisputeEvidenceId>('dev')
export const BreakId = idKind<BreakId>('brk')
export const SavedMethodId = idKind<SavedMethodId>('svm')
export const FulfilmentId = idKind<FulfilmentId>('ful')

export const MODES = ['test', 'live'] as const
export type Mode = (typeof MODES)[number]

/** Who owns a row: it stands first in every key. */
export type Tenant = { readonly merchantId: MerchantId; readonly mode: Mode }
