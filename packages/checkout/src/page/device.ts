// Whether a UPI app is likely on this very device. A guess, so the payer can always choose otherwise.

export function isPhone(): boolean {
  const hints = (navigator as { userAgentData?: { mobile?: boolean } }).userAgentData
  const mobile = hints?.mobile ?? /Android|iPhone|iPad|Mobile/i.test(navigator.userAgent)
  return mobile && matchMedia('(pointer: coarse)').matches
}
