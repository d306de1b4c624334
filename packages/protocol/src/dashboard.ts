// Signing in to the dashboard. Everything else the dashboard does goes through the native API.
import Type from 'typebox'
import type { Static } from 'typebox'
import { Instant, Line, Strict } from './fields.ts'

export const SignIn = Strict({ email: Line(254), password: Type.String({ maxLength: 1024, pattern: '^[^\\u0000]*$' }) })
export type SignIn = Static<typeof SignIn>

export const SignedIn = Strict({
  object: Type.Literal('sign_in'),
  user: Strict({
    id: Type.String(),
    email: Type.String(),
    role: Type.Enum(['owner', 'finance', 'support', 'developer']),
  }),
  expires_at: Instant,
})
export type SignedIn = Static<typeof SignedIn>
