import { InvalidError, is } from '../../../../errors.ts'
import type { CommandRecord } from '../../../command.ts'

/** A command whose errors about a field of its request name the option or the argument that gave the field. */
export function namingOptions(record: CommandRecord): CommandRecord {
  const { run, args = [], options = [] } = record
  if (!run) return record
  const terms = [...options, ...args].map(([term]) => term)
  return {
    ...record,
    async run(cli, ...given) {
      try {
        return await run(cli, ...given)
      } catch (error) {
        throw renamed(error, terms)
      }
    },
  }
}

/** `body.records.0.validTo: expected …` becomes `--valid-to: expected …`. */
function renamed(error: unknown, terms: readonly string[]): unknown {
  if (!is(error, 'InvalidError')) return error
  const [, path, field = '', message] =
    /^((?:body|query|path)\.(?:records\.0\.)?(\w+)): (.*)$/s.exec(error.message) ?? []
  const term = terms.find((one) => fieldOf(one) === field)
  if (path === undefined || term === undefined) return error
  const { code, hint, data } = error
  return new InvalidError(`${term.split(' ')[0]}: ${message}`, { code, hint, cause: error, ...(data && { data }) })
}

/** The field that an option or an argument gives. */
const fieldOf = (term: string) => /[a-z][\w-]*/.exec(term)![0].replace(/-(.)/g, (_, letter) => letter.toUpperCase())
