// The fields of a schema of packages/protocol as a table: what a caller may send, or will get.
import { code, table } from './markdown.ts'

type Schema = {
  readonly type?: string
  readonly const?: string | number | boolean
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Schema[]
  readonly items?: Schema
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly patternProperties?: object
  readonly description?: string
}

/** One row per field; a field of an object inside is written `payer.name`. */
export function fieldsOf(schema: Schema): string {
  return table(['Field', 'Is', ''], rowsOf(schema, ''))
}

function rowsOf(schema: Schema, prefix: string): (readonly string[])[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const optional = schema.required?.includes(name) === true ? '' : ' (optional)'
    const row = [code(`${prefix}${name}`), `${kindOf(field)}${optional}`, field.description ?? describedInside(field)]
    return [row, ...rowsOf(field, `${prefix}${name}.`)]
  })
}

function describedInside(field: Schema): string {
  return field.anyOf?.find((choice) => choice.description !== undefined)?.description ?? ''
}

function kindOf(field: Schema): string {
  if (field.anyOf !== undefined) return [...new Set(field.anyOf.map(kindOf))].join(' or ')
  if (field.enum !== undefined) return field.enum.map((value) => code(String(value))).join(', ')
  if (field.const !== undefined) return code(String(field.const))
  if (field.type === 'array') return field.items === undefined ? 'list' : `list of ${kindOf(field.items)}`
  if (field.type === 'object' && field.patternProperties !== undefined) return 'object of texts'
  return field.type === 'string' ? 'text' : (field.type ?? 'any')
}
