import { describe, expect, test } from 'vitest'
import { AppError } from '../kernel/errors.ts'
import { errorHtml, pageHeaders, pageHtml } from './page-html.ts'

const bundle = { script: '/assets/pay-1.js', styles: ['/assets/pay-1.css'] }

describe('the HTML of a page', () => {
  test.each(['pay', 'return', 'dashboard'] as const)('of %s runs and styles only what carries its nonce', (kind) => {
    const html = pageHtml(kind, bundle, 'Tk9OQ0U=')
    const executed = html.match(/<(script|link rel="stylesheet"|style)[^>]*>/g) ?? []
    expect(executed).toHaveLength(2)
    for (const tag of executed) expect(tag).toContain('nonce="Tk9OQ0U="')
    const policy = pageHeaders(kind, 'Tk9OQ0U=')['content-security-policy']
    expect(policy).toContain("script-src 'nonce-Tk9OQ0U='; style-src 'nonce-Tk9OQ0U='")
    expect(policy).not.toContain('unsafe')
  })

  test('of an error says what to do, and cannot be made to say anything else', () => {
    const html = errorHtml(new AppError('page_not_built', { page: '<b>' }), 'req_<script>')
    expect(html).toContain('npm run build')
    expect(html).not.toContain('<script>')
    expect(html).not.toContain('<b>')
  })
})
