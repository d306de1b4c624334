// The hosted page's entry. The server's HTML holds one element and this script; everything else is drawn here.
import './page.css'
import { greetAnyone } from './host.ts'
import { PurserPay } from './payment-page.ts'
import { PurserReturn } from './screens/outcome.ts'
import { PurserBack } from './way-back.ts'

customElements.define('purser-return', PurserReturn)
customElements.define('purser-pay', PurserPay)
customElements.define('purser-back', PurserBack)
// What a shop loads before anybody pays: it brought this script and its style into the browser, and that was all.
customElements.define(
  'purser-warm',
  class extends HTMLElement {
    connectedCallback(): void {
      greetAnyone()
    }
  },
)
