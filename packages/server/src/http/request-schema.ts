// Checks what a client sent against a schema, with the framework's own validator and without changing it: no text
// becomes a number, no unknown field is dropped, no default is filled in. Validators are compiled when they are first
// needed; compiling all of them at the start would cost most of it.
import type { FastifyRequest } from 'fastify'
import type { Static, TSchema } from 'typebox'
import { AppError, invariant } from '../kernel/errors.ts'
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
  const error = firstError(request, schema, value)
  if (error === undefined) return value as Static<Schema>
  throw refusal(error)
}

function firstError(request: FastifyRequest, schema: TSchema, value: unknown): SchemaError | undefined {
  const validate = request.compileValidationSchema(schema) as Validate
  if (validate(value)) return undefined
  const errors = validate.errors ?? []
  const last = errors.at(-1)
  invariant(last !== undefined, 'The validator says what it refuses.')
  if (last.keyword !== 'anyOf') return last
  return ofMeantBranch(request, schema, value, last) ?? errors[0] ?? last
}

type Branch = TSchema & { readonly properties?: Readonly<Record<string, { readonly const?: unknown }>> }

/** When no form of a union fits, the one that was meant is the one whose constants fit; what is wrong there is told. */
function ofMeantBranch(
  request: FastifyRequest,
  schema: TSchema,
  value: unknown,
  union: SchemaError,
): SchemaError | undefined {
  const branches = at(schema, union.schemaPath.slice(1)) as readonly Branch[] | undefined
  const constantsOf = (branch: Branch) =>
    Object.entries(branch.properties ?? {}).filter(([, property]) => property.const !== undefined)
  if (branches?.some((branch) => constantsOf(branch).length > 0) !== true) return undefined
  const part = at(value, union.instancePath)
  const meant = branches.find((branch) => {
    const constants = constantsOf(branch)
    return constants.length > 0 && constants.every(([name, property]) => at(part, `/${name}`) === property.const)
  })
  const error = meant === undefined ? undefined : firstError(request, meant, part)
  return error === undefined ? union : { ...error, instancePath: union.instancePath + error.instancePath }
}

/** What a JSON pointer points at. */
function at(value: unknown, pointer: string): unknown {
  return pointer
    .split('/')
    .slice(1)
    .map(unescapePointer)
    .reduce<unknown>((here, step) => {
      if (typeof here !== 'object' || here === null || !Object.hasOwn(here, step)) return undefined
      return (here as Readonly<Record<string, unknown>>)[step]
    }, value)
}

const SHAPE_KEYWORDS = new Set(['type', 'required', 'additionalProperties', 'minProperties', 'maxProperties'])

function refusal(error: SchemaError): AppError {
  const field = fieldOf(error)
  const general = SHAPE_KEYWORDS.has(error.keyword) ? 'request_malformed' : 'field_invalid'
  const isUnknown = error.keyword === 'additionalProperties'
  return new AppError((isUnknown ? undefined : CODE_OF_FIELD[field]) ?? general, {
    ...(field === '' ? {} : { field }),
    reason: reasonOf(error),
  })
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
