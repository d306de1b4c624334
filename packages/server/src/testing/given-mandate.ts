// A mandate for tests of the pure decisions: active, monthly, of 1,000.00 INR a charge, in Kolkata's November of 2026.
import type { Mandate } from '../domain/mandate/mandate.ts'
import { money } from '../kernel/money.ts'
import type { GatewayAccountId, MandateId, OrderId, PaymentId } from '../kernel/ids.ts'

export function givenMandate(more: Partial<Mandate> = {}): Mandate {
  return {
    id: 'man_1' as MandateId,
    token: '0'.repeat(32),
    orderId: 'ord_1' as OrderId,
    customerId: null,
    requirement: 'required',
    maxAmount: money(100_000n, 'INR'),
    amountRule: 'variable',
    frequency: 'monthly',
    dayRule: null,
    startsAt: new Date('2026-11-01T00:00:00+05:30'),
    endsAt: new Date('2027-11-01T00:00:00+05:30'),
    revocableByCustomer: true,
    blockFunds: false,
    registrationUsesPeriod: true,
    status: 'active',
    version: 2,
    paymentId: 'pay_1' as PaymentId,
    gatewayAccountId: 'gwa_1' as GatewayAccountId,
    gatewayMandateId: 'sbm_1',
    gatewaySequence: 1,
    method: 'upi',
    pendingChange: null,
    pauseFrom: null,
    resumeAt: null,
    pauseStartsAt: null,
    pauseEndsAt: null,
    failureReason: null,
    activatedAt: new Date('2026-11-01T10:00:00+05:30'),
    lastActivatedAt: new Date('2026-11-01T10:00:00+05:30'),
    revokedAt: null,
    createdAt: new Date('2026-11-01T09:00:00+05:30'),
    updatedAt: new Date('2026-11-01T10:00:00+05:30'),
    ...more,
  }
}
