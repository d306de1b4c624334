// The public halves of a merchant's signing keys, so that anyone can check what Purser signed for it. A merchant that
// does not exist has no keys; whether it exists is nobody's business.
import { createPublicKey } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { MerchantId } from '../../kernel/ids.ts'
import type { Deps } from '../../operations/deps.ts'
import { readPublicKeys } from '../../operations/read-public-keys.ts'

const CACHE_SECONDS = 300

export function registerJwks(app: FastifyInstance, deps: Deps): void {
  app.get<{ Params: { merchant_id: string } }>(
    '/jwks/:merchant_id',
    { config: { access: { kind: 'public' } } },
    async (request, reply) => {
      const keys = await readPublicKeys(deps, MerchantId.parse(request.params.merchant_id))
      return reply
        .type('application/jwk-set+json')
        .header('cache-control', `public, max-age=${CACHE_SECONDS}`)
        .send(JSON.stringify({ keys: keys.map(({ id, publicKey }) => jwkOf(id, publicKey)) }))
    },
  )
}

function jwkOf(kid: string, pem: string) {
  return { ...createPublicKey(pem).export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' }
}
