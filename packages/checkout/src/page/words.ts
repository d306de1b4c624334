// Every sentence that the payer reads and that does not come from the server, in one table per language. Plain words,
// what happened before what to do, and never a word that makes someone pay twice.

export const english = {
  language: 'en',
  title: (merchant: string) => `Pay ${merchant}`,
  testMode: 'Test mode. No real money moves.',
  loading: 'Loading your payment',
  payTo: 'Pay to',
  reference: 'Order',
  amountDue: 'Amount to pay',
  connectionLost: 'No connection. We keep trying; you need not do anything.',

  choose: 'How would you like to pay?',
  pay: (amount: string) => `Pay ${amount}`,
  paying: 'Contacting your bank…',
  secure: 'Payments are handled by Purser. Card numbers are never entered on this page.',
  select: 'Choose one',
  missing: 'Choose one to go on.',
  noMethods: 'There is no way to pay here at the moment. Nothing was charged. Ask the shop.',

  upi: 'UPI',
  upiSummary: 'Google Pay, PhonePe, Paytm and other apps',
  upiFlows: 'Pay with',
  upiIntentPhone: 'A UPI app on this phone',
  upiIntent: 'A UPI app on this device',
  upiQr: 'A QR code to scan',
  upiCollect: 'A request to your UPI ID',
  upiId: 'UPI ID',
  upiIdExample: 'For example name@bank',
  upiIdInvalid: 'Enter a UPI ID in the form name@bank.',
  card: 'Card',
  cardSummary: 'Credit and debit cards',
  cardChoice: 'Test card',
  netbanking: 'Net banking',
  netbankingSummary: 'Your bank’s own page',
  bankChoice: 'Choose your bank',
  wallet: 'Wallet',
  walletSummary: 'Money kept in a wallet',
  walletChoice: 'Choose your wallet',

  scan: 'Scan to pay',
  scanSteps: 'Open any UPI app on your phone, scan this code and approve the payment.',
  qrAlt: (amount: string) => `QR code for a UPI payment of ${amount}`,
  openApp: 'Approve in your UPI app',
  openAppSteps: 'Open your UPI app, check the amount and approve. Then come back to this page.',
  openAppButton: 'Open UPI app',
  showQr: 'Show a QR code instead',
  showApp: 'Open a UPI app on this device instead',
  simulator: 'Open the simulator',
  collect: 'Approve in your UPI app',
  collectSteps: (vpa: string) => `We sent a request to ${vpa}. Open your UPI app and approve it.`,
  redirect: 'Confirm with your bank',
  redirectSteps: 'Your bank asks you to confirm this payment on its own page.',
  redirectButton: 'Continue to your bank',
  processing: 'Waiting for your bank',
  processingSteps: 'This usually takes a few seconds. Please keep this page open and do not pay again.',
  waitingStatus: 'Waiting for the payment',
  unknown: 'We are checking with the bank',
  unknownSteps:
    'We do not know yet whether this payment went through. Please do not pay again: we keep asking the bank, and this page shows the answer as soon as there is one.',
  unknownMerchant: (merchant: string) => `You may close this page. ${merchant} gets the answer, too.`,

  paid: 'Payment complete',
  paidSteps: (amount: string, merchant: string) => `You paid ${amount} to ${merchant}.`,
  authorized: 'Payment approved',
  authorizedSteps: (amount: string, merchant: string) =>
    `Your bank holds ${amount} for ${merchant}. It is taken when your order is confirmed.`,
  returnTo: (merchant: string) => `Return to ${merchant}`,
  returning: (seconds: number) => `Taking you back in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}.`,
  stay: 'Stay on this page',
  mayClose: 'You can close this page.',

  declined: 'Payment not completed',
  failed: 'The payment could not be started. Nothing was charged. Try again or use another payment method.',
  paymentExpired: 'The time for this payment ran out. Nothing was charged.',
  paymentCanceled: 'This payment was stopped. Nothing was charged.',
  tryAgain: 'Try another way',

  expired: 'This payment page has expired',
  expiredSteps: 'Nothing was charged here. Go back to the shop and start the payment again.',
  expiredAlive:
    'A payment was still under way when the time for this page ran out. Please do not pay again: the shop gets the answer and can tell you.',
  orderCanceled: 'This order was canceled',
  orderExpired: 'The time to pay this order is over',
  orderClosed: 'This order cannot be paid now',
  closedSteps: 'Nothing more can be paid here. If you did not expect this, ask the shop.',

  backTitle: 'Your payment is being checked',
  backSteps: 'Go back to the page or the app where you started to pay. It shows the result.',

  refusedGateway: 'The bank could not be reached. Nothing was charged. Try again in a moment.',
  refusedMethod: 'This payment method is not available for this order. Choose another one.',
  refusedAttempts: 'There were too many attempts for this order. Go back to the shop and start again.',
  refusedBusy: 'Too many requests at the moment. Nothing was charged. Try again in a moment.',
  refusedDetails: 'These details were not accepted. Check them or choose another payment method.',
}

export type Words = typeof english

/** What a refusal of the server means to a payer. */
export function refusalWords(code: string, words: Words): string {
  switch (code) {
    case 'gateway_unavailable':
    case 'database_unavailable':
      return words.refusedGateway
    case 'method_not_available':
    case 'not_supported_by_gateway':
      return words.refusedMethod
    case 'attempts_exhausted':
      return words.refusedAttempts
    case 'rate_limited':
    case 'overloaded':
      return words.refusedBusy
    default:
      return words.refusedDetails
  }
}
