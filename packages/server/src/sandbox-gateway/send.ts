// The gateway's own way to post a notification, for when it runs as a process of its own. Inside Purser's server the
// caller hands in Purser's outbound client instead.
import { Agent as HttpAgent, request as httpRequest } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { SendNotification } from './options.ts'

const http = new HttpAgent({ keepAlive: true, maxSockets: 64 })
const https = new HttpsAgent({ keepAlive: true, maxSockets: 64 })

export const sendNotification: SendNotification = (url, headers, body, timeoutMs) =>
  new Promise((resolve, reject) => {
    const target = new URL(url)
    const isSecure = target.protocol === 'https:'
    const post = isSecure ? httpsRequest : httpRequest
    const outgoing = post(
      target,
      {
        method: 'POST',
        headers: { ...headers, 'content-length': Buffer.byteLength(body) },
        agent: isSecure ? https : http,
        signal: AbortSignal.timeout(timeoutMs),
      },
      (reply) => {
        // The status is all that counts; the rest is read so that the connection can be used again.
        reply.resume()
        reply.on('end', () => resolve(reply.statusCode ?? 0))
        reply.on('error', reject)
      },
    )
    outgoing.on('error', reject)
    outgoing.end(body)
  })
