// Tells a waiting person what goes on: a spinner with seconds on a terminal, plain lines in a log. It writes to
// stderr, so that what a command prints on stdout stays its own. Only call it where there really is something to do.

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
const FRAME_MS = 100
const LINE_MS = 10_000

/**
 * Runs `work` and says so: what begins, every ten seconds that it is not over yet, and how long it took.
 * @template T
 * @param {string} title such as "Installing 250 packages"
 * @param {() => Promise<T>} work
 * @param {{ isTTY?: boolean, write(text: string): unknown }} out
 * @returns {Promise<T>}
 */
export async function withProgress(title, work, out = process.stderr) {
  const began = Date.now()
  const seconds = () => `${Math.round((Date.now() - began) / 1000)} s`
  const stop = out.isTTY === true ? spin(title, seconds, out) : tell(title, seconds, out)
  try {
    const result = await work()
    stop()
    out.write(`${title}: done in ${seconds()}\n`)
    return result
  } catch (error) {
    stop()
    out.write(`${title}: failed after ${seconds()}\n`)
    throw error
  }
}

function spin(title, seconds, out) {
  let frame = 0
  const draw = () => {
    out.write(`\r\u001b[2K${FRAMES[frame % FRAMES.length]} ${title} … ${seconds()}`)
    frame += 1
  }
  draw()
  const timer = setInterval(draw, FRAME_MS)
  return () => {
    clearInterval(timer)
    out.write('\r\u001b[2K')
  }
}

function tell(title, seconds, out) {
  out.write(`${title} …\n`)
  const timer = setInterval(() => out.write(`${title} … ${seconds()} so far\n`), LINE_MS)
  return () => clearInterval(timer)
}
