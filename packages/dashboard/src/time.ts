// Times in the reader's own zone, with the exact instant in the title of the element that shows it.

export function formatInstant(instant: string): string {
  return new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'medium' }).format(new Date(instant))
}
