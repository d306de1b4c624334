// Checks what a client sent against a schema, with the framework's own validator and without changing it: no text
// becomes a number, no unknown field is dropped, no default is filled in. Validators are compiled when they are first
// needed; compiling all of them at the start would cost most of it.
import type { FastifyRequest } from 'fastify'
import type { Static, TSchema } from 'typebox'
import { AppError } from '../kernel/errors.ts'
import type { ErrorCode } from '../kernel/errors.ts'

type SchemaError = {
  readonly instancePath: string
  readonly schemaPath: string
  readonly keyword: string
  readonly params: Readonly<Record<string, unknown>>
  readonly message?: string
}

type Validate = ((value: unknown) => boolean) & { errors?: readonly SchemaError[] | null }

// Money has codes of its own, whatever is wrong with the field.
const CODE_OF_FIELD: Readonly<Record<string, ErrorCode>> = { amount: 'amount_invalid', currency: 'currency_unknown' }

/**
 * The value as the schema says it is.
 * @throws AppError request_malformed (unknown, missing or of another type), field_invalid (a value not allowed),
 * amount_invalid, currency_unknown, all naming the `field` and the `reason`
 */
export function checkShape<Schema extends TSchema>(
  request: FastifyRequest,
  schema: Schema,
  value: unknown,
): Static<Schema> {
  const validate = request.compileValidationSchema(schema) as Validate
  if (validate(value)) return value as Static<Schema>
  throw refusal(mostTelling(validate.errors ?? []))
}

const SHAPE_KEYWORDS = new Set(['type', 'required', 'additionalProperties', 'minProperties', 'maxProperties'])

function refusal(error: SchemaError | undefined): AppError {
  const field = error === undefined ? '' : fieldOf(error)
  const general = error === undefined || SHAPE_KEYWORDS.has(error.keyword) ? 'request_malformed' : 'field_invalid'
  const isUnknown = error?.keyword === 'additionalProperties'
  return new AppError((isUnknown ? undefined : CODE_OF_FIELD[field]) ?? general, {
    ...(field === '' ? {} : { field }),
    reason: error === undefined ? 'is not what was expected' : reasonOf(error),
  })
}

// When no branch of a union fits, the branch that was meant is the one whose constants all fit.
function mostTelling(errors: readonly SchemaError[]): SchemaError | undefined {
  const last = errors.at(-1)
  if (last === undefined || last.keyword !== 'anyOf') return errors[0]
  const branchOf = (error: SchemaError) => /\/anyOf\/(\d+)/.exec(error.schemaPath)?.[1]
  const wrongConstant = new Set(errors.filter((error) => error.keyword === 'const').map(branchOf))
  const meant = errors.find((error) => error.instancePath !== last.instancePath && !wrongConstant.has(branchOf(error)))
  const missing = errors.find((error) => error.keyword !== 'const' && !wrongConstant.has(branchOf(error)))
  return meant ?? (missing?.keyword === 'anyOf' ? undefined : missing) ?? last
}

function fieldOf(error: SchemaError): string {
  const path = error.instancePath.split('/').slice(1).map(unescapePointer)
  const { missingProperty, additionalProperty } = error.params
  if (typeof missingProperty === 'string') path.push(missingProperty)
  if (typeof additionalProperty === 'string') path.push(additionalProperty)
  // Keys are the caller's words: they are repeated only where they are plainly names or places in a list.
  return path.map((part) => (/^(?:[A-Za-z_]{1,40}|\d{1,3})$/.test(part) ? part : '(unknown)')).join('.')
}

function unescapePointer(part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~')
}

function reasonOf({ keyword, params, message }: SchemaError): string {
  switch (keyword) {
    case 'additionalProperties':
      return 'is not a field of this request'
    case 'required':
      return 'is missing'
    case 'enum':
      return `must be one of ${(params['allowedValues'] as readonly unknown[]).join(', ')}`
    case 'const':
      return `must be ${String(params['allowedValue'])}`
    case 'pattern':
      return 'is not of the form that is expected here'
    case 'anyOf':
      return 'has none of the forms that are allowed here'
    default:
      return message ?? 'is not valid'
  }
}
