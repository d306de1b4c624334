// The routes of the reference are the routes that are registered. Apart from the other documents, because what a route
// does leads to the database driver.
import { expect, test } from 'vitest'
import { routesDocument } from '../../../tools/docs/routes.ts'
import { textOf } from '../src/testing/project-source.ts'

test('docs/reference/routes.md is what the code says', () => {
  expect(textOf('docs/reference/routes.md')).toBe(routesDocument())
})
