// Steps 2 to 7. The order is opened by our own server; the browser gets a token that can pay this order and do nothing
// else.
const { Purser } = window
const item = new URLSearchParams(location.search).get('item')
const returned = new URLSearchParams(location.search).get('order')
const pay = document.querySelector('#pay')
const summary = document.querySelector('#summary')
const outcome = document.querySelector('#outcome')
let session

async function begin() {
  const reply = await fetch(`/orders?item=${encodeURIComponent(item)}`, { method: 'POST' })
  if (!reply.ok) throw new Error('The order could not be opened.')
  session = await reply.json()
  const price = new Intl.NumberFormat('en-IN', { style: 'currency', currency: 'INR' }).format(session.amount / 100)
  summary.textContent = `One ${item}, sent to your door: ${price}`
  // Step 3, on the order summary: warms the payment page with this session.
  Purser.initiate(session, onEvent)
  pay.disabled = false
}

function onEvent({ event, payload, error, errorMessage }) {
  if (event === 'initiate_result' && error) outcome.textContent = errorMessage
  if (event !== 'process_result') return
  // What came is a hint: whatever it says, our server asks.
  void show(session.order_id, payload.status)
}

async function show(orderId, hint) {
  const { status } = await (await fetch(`/orders/${orderId}`)).json()
  if (status === 'paid') {
    outcome.textContent = 'Paid. Thank you!'
    outcome.className = 'good'
    pay.hidden = true
    Purser.terminate()
  } else if (hint === 'authorizing' || hint === 'user_aborted') {
    outcome.textContent = 'Your bank has not answered yet. Do not pay again: we tell you as soon as we know.'
  } else outcome.textContent = 'Not paid. You can try again.'
}

// Step 5: the page opens at once, because it is there already.
pay.addEventListener('click', () => Purser.process(session))

if (returned === null) begin().catch((error) => (summary.textContent = error.message))
else {
  summary.textContent = 'Welcome back.'
  pay.hidden = true
  void show(returned)
}
