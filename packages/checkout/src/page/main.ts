// The hosted page's entry. The server's HTML holds one <purser-pay> and this script; everything else is drawn here.
import './page.css'
import { PurserPay } from './payment-page.ts'
import { PurserReturn } from './screens/outcome.ts'
import { PurserBack } from './way-back.ts'

customElements.define('purser-return', PurserReturn)
customElements.define('purser-pay', PurserPay)
customElements.define('purser-back', PurserBack)
