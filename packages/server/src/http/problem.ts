// Errors in the words of our own APIs: RFC 9457, application/problem+json. Only the outside of an AppError gets here:
// its code, its catalogue sentence and its details; what is internal stays in the log.
import type { Problem } from '@purser/protocol'
import { AppError, ERRORS } from '../kernel/errors.ts'
import type { ErrorContext, WordedError } from './surfaces.ts'

/** The same body for the same error; only `request_id` differs between two requests. */
export function problemOf(error: AppError, requestId: string): Problem {
  const { field, ...details } = error.details
  return {
    type: `/docs/errors#${error.code}`,
    title: ERRORS[error.code].message,
    status: error.status,
    code: error.code,
    detail: ERRORS[error.code].advice,
    ...(field === undefined ? {} : { field: String(field) }),
    request_id: requestId,
    details,
  }
}

export function wordProblem(error: AppError, { requestId }: ErrorContext): WordedError {
  return {
    status: error.status,
    contentType: 'application/problem+json',
    body: JSON.stringify(problemOf(error, requestId)),
    ...(error.status === 401 ? { headers: { 'www-authenticate': 'Bearer' } } : {}),
  }
}

// What the framework reports, in our codes. Everything else it says with a 4xx is a request it could not read.
const FRAMEWORK_ERRORS: Readonly<Record<string, ConstructorParameters<typeof AppError>[0]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'media_type_unsupported',
  FST_ERR_MAX_PARAM_LENGTH: 'route_not_found',
  FST_ERR_BAD_URL: 'request_malformed',
}

/** Any thrown thing as an AppError. What nobody expected is our bug: 500, and its cause is kept for the log. */
export function toAppError(thrown: unknown): AppError {
  if (thrown instanceof AppError) return thrown
  if (thrown instanceof Error && 'statusCode' in thrown) {
    const code = 'code' in thrown && typeof thrown.code === 'string' ? FRAMEWORK_ERRORS[thrown.code] : undefined
    if (code !== undefined) return new AppError(code, {}, { cause: thrown })
    const isTheirs = typeof thrown.statusCode === 'number' && thrown.statusCode >= 400 && thrown.statusCode < 500
    if (isTheirs) return new AppError('request_malformed', {}, { cause: thrown })
  }
  return new AppError('internal_error', {}, { cause: thrown })
}
