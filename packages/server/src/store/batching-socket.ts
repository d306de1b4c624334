// A socket that sends what is written in one turn of the event loop in one go. A transaction sends several statements
// at once, and pg hands over each by itself: as many system calls as statements, which cost more than the statements.
import { Socket } from 'node:net'

export function openBatchingSocket(): Socket {
  const socket = new Socket()
  const send = socket.write.bind(socket)
  let isHolding = false
  const hold = () => {
    if (isHolding) return
    isHolding = true
    socket.cork()
    // Runs when the promises of this turn have had their say, and so after everything that they send.
    process.nextTick(() => {
      isHolding = false
      socket.uncork()
    })
  }
  socket.write = ((...args: Parameters<typeof send>) => {
    hold()
    return send(...args)
  }) as typeof socket.write
  return socket
}
