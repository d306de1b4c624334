// Which language the payer reads, and what the server's codes mean in it.
import { english } from './english.ts'
import { hindi } from './hindi.ts'

export type Words = typeof english
export type Language = Words['language']

export const LANGUAGES: Readonly<Record<Language, { readonly name: string; readonly words: Words }>> = {
  en: { name: 'English', words: english },
  hi: { name: 'हिन्दी (Hindi)', words: hindi },
}

const KEY = 'purser.language'

/** What the payer chose in this tab, else what the shop asked for (`?lang=hi`), else the browser's. */
export function chosenLanguage(): Language {
  const wanted = [remembered(), new URLSearchParams(location.search).get('lang'), ...navigator.languages]
  for (const tag of wanted) {
    const language = tag?.slice(0, 2).toLowerCase()
    if (language === 'en' || language === 'hi') return language
  }
  return 'en'
}

export function rememberLanguage(language: Language): void {
  try {
    sessionStorage.setItem(KEY, language)
  } catch {
    // Storage is switched off: the choice lasts as long as this page.
  }
}

function remembered(): string | null {
  try {
    return sessionStorage.getItem(KEY)
  } catch {
    return null
  }
}

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
    case 'not_stopped':
      return words.notStopped
    default:
      return words.refusedDetails
  }
}
