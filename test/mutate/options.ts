import { parseArgs } from 'node:util'
import { InvalidError } from '../../src/errors.ts'
import type { Mutation } from './mutation.ts'

export type Options = {
  readonly only: readonly string[]
  readonly list: boolean
  readonly json: boolean
  readonly help: boolean
}

/** The options of `npm run mutate`; an InvalidError says what is wrong. */
export function readOptions(args: readonly string[]): Options {
  const { only = [], list = false, json = false, help = false } = parse(args)
  return { only, list, json, help }
}

function parse(args: readonly string[]) {
  const flag = { type: 'boolean' } as const
  try {
    return parseArgs({
      args: [...args],
      options: { only: { type: 'string', multiple: true }, list: flag, json: flag, help: flag },
    }).values
  } catch (cause) {
    throw new InvalidError(`${(cause as Error).message} (see --help)`, { cause })
  }
}

/** The mutations that have one of these texts in their name or file; all, when none is given. */
export function pick(mutations: readonly Mutation[], only: readonly string[]): readonly Mutation[] {
  const isNamed = ({ name, file }: Mutation, text: string) => name.includes(text) || file.includes(text)
  for (const text of only)
    if (!mutations.some((mutation) => isNamed(mutation, text)))
      throw new InvalidError(`no mutation has "${text}" in its name or file; --list shows them`)
  return only.length === 0 ? mutations : mutations.filter((mutation) => only.some((text) => isNamed(mutation, text)))
}
