// Holds every answer of our own APIs against the schema that its route promises, so that any test that calls through
// here is also a test of the contract.
import { Compile } from 'typebox/compile'
import type { Validator } from 'typebox/compile'
import type { TSchema } from 'typebox'
import { nativeRoutes } from '../dialects/native/routes.ts'
import { sdkRoutes } from '../dialects/sdk/session.ts'
import { Problem } from '@purser/protocol'
import { ERRORS } from '../kernel/errors.ts'
import type { ApiReply, ApiRequest } from './api-setup.ts'

const ROUTES = [...nativeRoutes, ...sdkRoutes].map((route) => ({
  ...route,
  matcher: new RegExp(`^${route.path.replaceAll(/:[a-z_]+/g, '[^/]+')}$`),
}))

/** What is wrong with the answer; undefined when nothing is. */
export function complaintAbout({ method = 'GET', path }: ApiRequest, reply: ApiReply): string | undefined {
  if (reply.status >= 400) return complaintAboutError(reply)
  const route = ROUTES.find((one) => one.method === method && one.matcher.test(path.split('?')[0] ?? ''))
  if (route === undefined || typeof route.reply === 'string') return undefined
  if (reply.status !== route.status) return `The status is ${reply.status}, not ${route.status}.`
  const validator = validatorOf(route.reply)
  if (validator.Check(reply.body)) return undefined
  const [error] = validator.Errors(reply.body)
  return `${error?.instancePath} ${error?.message}: ${reply.text.slice(0, 400)}`
}

const validators = new Map<TSchema, Validator>()

// Compiled once: checking without is most of the time of a test that checks thousands.
function validatorOf(schema: TSchema): Validator {
  const known = validators.get(schema) ?? Compile(schema)
  validators.set(schema, known)
  return known
}

function isProblem(body: unknown): body is Problem {
  return validatorOf(Problem).Check(body)
}

/** Every error has a known code, its status, and the id of its request. */
export function complaintAboutError({ status, headers, body, text }: ApiReply): string | undefined {
  if (headers['content-type'] !== 'application/problem+json') return 'The content type is another.'
  if (!isProblem(body)) return `The body is no problem document: ${text.slice(0, 200)}`
  if (body.request_id !== headers['x-request-id']) return 'The request id is not the one of the header.'
  const known = Object.hasOwn(ERRORS, body.code) ? ERRORS[body.code as keyof typeof ERRORS] : undefined
  if (known === undefined) return `The code ${body.code} is not in the catalogue.`
  return known.status === status ? undefined : `The status of ${body.code} is ${known.status}, not ${status}.`
}
