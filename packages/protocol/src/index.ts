// The contract of Purser's own API: every request, every answer, every event, as schemas and as types. The server
// checks requests against these and the API description is generated from them; clients take their types from here.
export * from './dashboard.ts'
export * from './event.ts'
export { MAX_AMOUNT } from './fields.ts'
export * from './order.ts'
export * from './payment.ts'
export * from './problem.ts'
export * from './receipt.ts'
export * from './refund.ts'
export * from './sdk.ts'
export * from './session.ts'
export * from './timeline.ts'
export * from './webhook-endpoint.ts'
