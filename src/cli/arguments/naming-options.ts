import { InvalidError, is } from '../../errors.ts'

/** An error about a field of a request names the option or the argument that gave the field, if one did. */
export function namingOptions(error: unknown, terms: readonly string[]): unknown {
  if (!is(error, 'InvalidError')) return error
  const [, path, field, message] = FAULT.exec(error.message) ?? []
  const name = terms.map(nameOf).find((one) => path !== undefined && fieldOf(one) === (OPTION_OF[path] ?? field))
  if (name === undefined) return error
  const { code, hint, data } = error
  return new InvalidError(`${name}: ${message}`, { code, hint, cause: error, ...(data && { data }) })
}

/** `body.records.0.validTo: expected …` is a fault of `--valid-to`. */
const FAULT = /^((?:body|query|path)\.(?:records\.0\.|queue\.)?(\w+)): (.*)$/s

/** Fields that have another name than their option. */
const OPTION_OF: { readonly [path: string]: string } = { 'body.queue.key': 'queue' }

/** `-i, --input <key=value>` has the name `--input`, and `<file>` is its own name. */
const nameOf = (term: string) => /--[\w-]+/.exec(term)?.[0] ?? term

/** The field that an option or an argument gives. */
const fieldOf = (name: string) => /[a-z][\w-]*/i.exec(name)![0].replace(/-(.)/g, (_, letter) => letter.toUpperCase())
