// What browsers are shown, as surfaces: the hosted payment page and the dashboard. An error on a page is a page; the
// dashboard's own calls get the words of the native API, which it speaks anyway.
import { errorHtml } from './page-html.ts'
import { registerPages } from './pages.ts'
import { wordProblem } from './problem.ts'
import { registerReceiptLinks } from './receipt-links.ts'
import type { Surface } from './surfaces.ts'

export const pageSurfaces: readonly Surface[] = [
  {
    name: 'page',
    wrongMethod: 'route_not_found',
    wordError: (error, context) => ({
      status: error.status,
      contentType: 'text/html; charset=utf-8',
      body: errorHtml(error, context.requestId),
    }),
    register: (app, deps) => {
      registerPages(app, deps)
      registerReceiptLinks(app, deps)
    },
  },
  { name: 'dashboard', wrongMethod: 'method_not_allowed', wordError: wordProblem, register: () => {} },
]
