// One keep-alive connection that sends a request and reads the answer, with as little work of its own as possible: on
// a machine of few cores what the generator burns is missing to the server.
import { connect } from 'node:net'

const HEAD_END = '\r\n\r\n'

/**
 * @param {{ host: string, port: number }} address
 * @returns {Promise<{ request(bytes: string): Promise<{ status: number, body: string }>, close(): void }>}
 */
export function openConnection({ host, port }) {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true })
    /** @type {{ resolve(answer: { status: number, body: string }): void, reject(error: Error): void } | undefined} */
    let waiting
    let received = ''
    // One byte, one character: lengths are counted in bytes, and only ASCII is looked at.
    socket.setEncoding('latin1')
    socket.on('data', (chunk) => {
      received += chunk
      const answer = readAnswer(received)
      if (answer === undefined) return
      received = ''
      const done = waiting
      waiting = undefined
      done?.resolve(answer)
    })
    const fail = (error) => {
      reject(error)
      waiting?.reject(error)
      waiting = undefined
    }
    socket.on('error', fail)
    socket.on('close', () => fail(new Error('The server closed the connection.')))
    socket.on('connect', () =>
      resolve({
        request: (bytes) =>
          new Promise((answered, refused) => {
            waiting = { resolve: answered, reject: refused }
            socket.write(bytes, 'latin1')
          }),
        close: () => socket.destroy(),
      }),
    )
  })
}

/** The bytes of a request. `body` is ASCII. */
export function formatRequest({ method, path, host, token, key, body = '' }) {
  const head = [
    `${method} ${path} HTTP/1.1`,
    `host: ${host}`,
    `authorization: Bearer ${token}`,
    ...(key === undefined ? [] : [`idempotency-key: ${key}`]),
    ...(body === '' ? [] : ['content-type: application/json']),
    `content-length: ${body.length}`,
  ]
  return `${head.join('\r\n')}${HEAD_END}${body}`
}

// Every answer of the server has a length; one without would be read to nothing and counted as an error.
function readAnswer(text) {
  const end = text.indexOf(HEAD_END)
  if (end < 0) return undefined
  const head = text.slice(0, end)
  const length = Number.parseInt(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? '0', 10)
  const body = text.slice(end + HEAD_END.length)
  if (body.length < length) return undefined
  return { status: Number.parseInt(head.slice(9, 12), 10), body }
}
