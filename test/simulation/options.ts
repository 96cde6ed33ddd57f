import { parseArgs } from 'node:util'
import { InvalidError } from '../../src/errors.ts'

export type Options = {
  readonly seeds: number
  readonly seed: number
  readonly path: string | undefined
  readonly engine: 'inline' | 'libsql' | undefined
  readonly json: boolean
  readonly help: boolean
}

/** The options of `npm run simulate`; an InvalidError says what is wrong. */
export function readOptions(args: readonly string[]): Options {
  const { seeds = '1000', seed, path, engine, json = false, help = false } = parse(args)
  if (engine !== undefined && engine !== 'inline' && engine !== 'libsql')
    throw new InvalidError(`--engine is inline or libsql, not ${engine}`)
  if (path !== undefined && (seed === undefined || engine === undefined))
    throw new InvalidError('--path goes with the --seed and the --engine it was printed with')
  return {
    seeds: path === undefined ? numberOf('--seeds', seeds) : 1,
    seed: seed === undefined ? Date.now() % 1_000_000_000 : numberOf('--seed', seed),
    path,
    engine,
    json,
    help,
  }
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const
  const flag = { type: 'boolean' } as const
  try {
    return parseArgs({
      args: [...args],
      options: { seeds: text, seed: text, path: text, engine: text, json: flag, help: flag },
    }).values
  } catch (cause) {
    throw new InvalidError(`${(cause as Error).message} (see --help)`, { cause })
  }
}

function numberOf(name: string, text: string): number {
  const number = Number(text)
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(number))
    throw new InvalidError(`${name} is a whole number, not ${text}`)
  return number
}
