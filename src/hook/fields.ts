import { InvalidError } from '../errors.ts'
import { isJsonObject, type Json } from '../kernel/json.ts'

const FIELD = /\{([\w-]+(?:\.[\w-]+){0,20})\}/g

/**
 * A text with the values of a delivery: `order-{data.id}`. A value is a text, a number or a boolean.
 * @throws InvalidError `hook_field` for a value that is missing or is none of these
 */
export function fillFields(template: string, body: Json): string {
  return template.replaceAll(FIELD, (_, path: string) => {
    const value = valueAt(body, path)
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return String(value)
    const found = value === undefined || value === null ? 'nothing' : Array.isArray(value) ? 'a list' : 'a map'
    throw new InvalidError(`Expected a text or a number at \`${path}\` of the delivery, got ${found}.`, {
      code: 'hook_field',
      place: { path },
    })
  })
}

function valueAt(body: Json, path: string): Json | undefined {
  let at: Json | undefined = body
  for (const name of path.split('.')) {
    if (Array.isArray(at)) at = at[Number(name)] as Json | undefined
    else at = isJsonObject(at) && Object.hasOwn(at, name) ? at[name] : undefined
  }
  return at
}
