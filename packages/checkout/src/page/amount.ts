// Amounts as people read them. The number of decimals comes from the server: Intl's own idea of it is wrong for a dozen
// currencies (ICU gives 0 decimals to IDR and HUF where ISO 4217 gives 2), and that is an amount wrong by a hundred.

/** @param minor whole minor units, at most 10^13 @param exponent decimals of the minor unit */
export function formatAmount(minor: number, currency: string, exponent: number, locale: string): string {
  const format = new Intl.NumberFormat(locale, {
    style: 'currency',
    currency,
    minimumFractionDigits: exponent,
    maximumFractionDigits: exponent,
  })
  // As text, so that no division makes a float of it; older engines read the text as a number, still exact to 2^53.
  return format.format(decimalText(minor, exponent) as unknown as number)
}

function decimalText(minor: number, exponent: number): string {
  const digits = String(minor).padStart(exponent + 1, '0')
  return exponent === 0 ? digits : `${digits.slice(0, -exponent)}.${digits.slice(-exponent)}`
}

/** An Indian amount is grouped in lakhs and crores whatever region the payer's English is set to. */
export function localeFor(language: string, currency: string, preferred: readonly string[]): string {
  if (currency === 'INR') return `${language}-IN`
  return preferred.find((tag) => tag === language || tag.startsWith(`${language}-`)) ?? language
}

/** A day as people of this language write it. */
export function formatDay(instant: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'long' }).format(new Date(instant))
}
