// Opening a session: what an app or the hosted page starts a payment with. The client token is in this answer alone.
import { OpenedSession, OpenSession } from '@purser/protocol'
import { sessionJson } from '../../domain/webhook/objects.ts'
import { OrderId, SessionId } from '../../kernel/ids.ts'
import { openSession, resumeSession } from '../../operations/open-session.ts'
import { defined } from '../contract/defined.ts'
import { idParam, write } from '../contract/route.ts'
import type { Route } from '../contract/route.ts'

export const sessionRoutes: readonly Route[] = [
  write({
    path: '/v1/orders/:id/sessions',
    access: { kind: 'merchant', scope: 'orders' },
    tag: 'Sessions',
    summary: 'Open a session to pay an order',
    description: 'Hand `client_token` to your app, or send the payer to `url`.',
    params: { id: idParam(OrderId) },
    body: OpenSession,
    reply: OpenedSession,
    status: 201,
    isSecret: true,
    act: (deps, { actor, params, body, idempotency }) =>
      openSession(deps, actor, {
        orderId: params.id,
        ...defined({
          returnUrl: body.return_url,
          frameOrigins: body.frame_origins,
          expiresInSeconds: body.expires_in_seconds,
          isCustomers: body.show_saved_methods,
        }),
        idempotency,
      }),
    resume: (deps, { actor, subjectId }) => resumeSession(deps, actor, SessionId.parse(subjectId)),
    answer: ({ session, clientToken, url }) => ({ ...sessionJson(session), client_token: clientToken, url }),
  }),
]
