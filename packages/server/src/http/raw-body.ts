// Bodies as bytes. A surface takes what arrived exactly as it arrived: a signature is checked over it, and our own JSON
// reader (json-body.ts) must see the text that JSON.parse would have smoothed over. The root instance has no parsers,
// so that no surface inherits one by accident.
import type { FastifyInstance, FastifyRequest } from 'fastify'

const MEDIA_TYPE = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(?:\s*;.*)?$/

/** Makes `request.body` the raw bytes, whatever the content type; an empty body is no body. */
export function useRawBodies(app: FastifyInstance, limitBytes: number): void {
  app.removeAllContentTypeParsers()
  // The framework refuses a body whose content type is no media type before anyone can look at the body.
  app.addHook('onRequest', async ({ headers }) => {
    if (!MEDIA_TYPE.test(headers['content-type'] ?? '')) delete headers['content-type']
  })
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: limitBytes }, (_request, body, done) => {
    done(null, body.length === 0 ? undefined : body)
  })
}

/** The bytes that arrived; none when there was no body. */
export function rawBodyOf(request: FastifyRequest): Buffer {
  return request.body instanceof Buffer ? request.body : Buffer.alloc(0)
}
