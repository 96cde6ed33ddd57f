import { randomBytes } from 'node:crypto'
import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { InvalidArgumentError } from 'commander'
import { MICROS_PER_DOLLAR, readDollars } from '../../budget/money.ts'
import type { EngineOverrides } from '../../config/engine.ts'
import { InvalidError } from '../../errors.ts'
import { nearestFile, pathOnDisk } from '../../lib/nearest-file.ts'
import { PRIORITIES } from '../../lib/priority.ts'
import { showOnOneLine } from '../../lib/unseen.ts'
import { splitGlob } from '../../source/folder/glob.ts'
import type { OptionRecord, OptionsOf } from '../cli.ts'

/** Collects `-i key=value` options; values stay texts, the pipeline knows their types. */
export function parseInput(given: string, inputs: { readonly [name: string]: string } = {}) {
  const equals = given.indexOf('=')
  if (equals < 1) throw new InvalidArgumentError('Expected key=value.')
  return { ...inputs, [given.slice(0, equals)]: given.slice(equals + 1) }
}

/** Collects an option that may be given several times. */
export function collectRepeated(given: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, given]
}

/** A number from 1 to 1000. */
export function parseLimit(given: string): number {
  if (/^\d{1,4}$/.test(given) && Number(given) >= 1 && Number(given) <= 1000) return Number(given)
  throw new InvalidArgumentError('Expected a number from 1 to 1000.')
}

/** A number from 0 on. */
export function parseWholeNumber(given: string): number {
  if (/^\d{1,15}$/.test(given)) return Number(given)
  throw new InvalidArgumentError('Expected a whole number.')
}

/** A TCP port; 0: any free one. */
export function parsePort(given: string): number {
  if (/^\d{1,5}$/.test(given) && Number(given) <= 65_535) return Number(given)
  throw new InvalidArgumentError('Expected a port from 0 to 65535.')
}

export function parseRound(given: string): number {
  const round = Number(given)
  if (!Number.isSafeInteger(round) || round < 1)
    throw new InvalidArgumentError('Expected a round: a whole number from 1.')
  return round
}

/** A number of seconds from 1 to a day. */
export function parseSeconds(given: string): number {
  if (/^\d{1,5}$/.test(given) && Number(given) >= 1 && Number(given) <= 86_400) return Number(given)
  throw new InvalidArgumentError('Expected a number of seconds from 1 to 86400.')
}

/** A span of time as people write it, in ms: `30d`, `12h`, `45m`, `90s`. */
export function parseLifetime(given: string): number {
  const [, number, unit] = LIFETIME.exec(given) ?? []
  if (unit !== undefined && Number(number) > 0) return Number(number) * UNITS[unit as keyof typeof UNITS]
  throw new InvalidArgumentError('Expected a time such as 30d, 12h, 45m or 90s.')
}

/** A time in the past as people write it, in ms since the epoch: `7d`, `today`, `yesterday`, `2026-11-21`. */
export function parseSince(given: string): number {
  const now = Date.now()
  const today = new Date(now).setHours(0, 0, 0, 0)
  if (given === 'today') return today
  if (given === 'yesterday') return new Date(today).setDate(new Date(today).getDate() - 1)
  const [, year, month, date] = (/^(\d{4})-(\d{2})-(\d{2})$/.exec(given) ?? []).map(Number)
  const day = year === undefined ? undefined : new Date(year, month! - 1, date!)
  // another month: there is no such day
  if (day && day.getMonth() === month! - 1) return day.getTime()
  const [, number, unit] = LIFETIME.exec(given) ?? []
  if (unit !== undefined) return now - Number(number) * UNITS[unit as keyof typeof UNITS]
  throw new InvalidArgumentError('Expected a time such as 7d, 12h, today, yesterday or 2026-11-21.')
}

const LIFETIME = /^(\d{1,6})([smhd])$/
const UNITS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** The absolute path of an existing file; InvalidError when there is none. */
export function existingFile(path: string, folder: string): string {
  const absolute = pathOnDisk(resolve(folder, path))
  const stats = statSync(absolute, { throwIfNoEntry: false })
  if (!stats && ADDRESS.test(path))
    throw new InvalidError(`Expected a file, got the address ${path}.`, {
      hint: 'Download it to a file first.',
    })
  if (!stats) {
    const near = nearestFile(path, absolute)
    const meant = near === undefined ? '' : `Did you mean ${near}? `
    throw new InvalidError(`There is no file ${showOnOneLine(path)}.`, {
      hint: showOnOneLine(`${meant}Looked for it at ${absolute}.`),
    })
  }
  if (!stats.isFile())
    throw new InvalidError(`${showOnOneLine(path)} is not a file.`, { hint: 'Give the path of a file.' })
  return absolute
}

/** The absolute path of a file with a pipeline. A program is none. */
export function pipelineFile(path: string, folder: string): string {
  const file = existingFile(path, folder)
  if (!PROGRAM.test(file)) return file
  const shown = showOnOneLine(path)
  throw new InvalidError(`Expected a pipeline (YAML), got the program ${shown}.`, {
    hint: `To start the program: node ${shown}. While it runs, antiphon run NAME starts its workflow NAME.`,
  })
}

const PROGRAM = /\.[cm]?[jt]s$/

/** The absolute path of a file, a folder or a pattern. InvalidError that names the nearest file if there is none. */
export function existingSource(path: string, folder: string): string {
  const absolute = pathOnDisk(resolve(folder, path))
  const isFolder = statSync(absolute, { throwIfNoEntry: false })?.isDirectory() === true
  return isFolder || (!ADDRESS.test(path) && splitGlob(path)) ? absolute : existingFile(path, folder)
}

const ADDRESS = /^[a-z][a-z\d+.-]*:\/\//i

/** A new id of that kind: `ask_` and 22 random characters. */
export const newId = (kind: string): string => `${kind}_${randomBytes(16).toString('base64url')}`

export const AS_OPTION = [
  '--as <name>',
  'who answers, for the record (default: the user of the machine); a name that is typed is shown as typed',
] as const satisfies OptionRecord

export const EVENTS_OPTION = [
  '--events',
  'print each durable event as a line of JSON instead of the result',
  { conflicts: ['json', 'detach'] },
] as const satisfies OptionRecord

export const WAIT_OPTION = [
  '--wait',
  'without a terminal, keep waiting when the run comes to a question (default: print what it waits for, and end with exit code 1)',
  { conflicts: 'detach' },
] as const satisfies OptionRecord

/** The options that select the engine, anywhere on the command line. */
export const ENGINE_OPTIONS = [
  ['--engine <name>', 'where state is stored', { choices: ['libsql', 'restate'], shown: 'libsql' }],
  ['--restate <url>', 'admin address of the Restate server; repeat it for a cluster', { parse: collectRepeated }],
] as const satisfies readonly OptionRecord[]

export type EngineOptions = OptionsOf<typeof ENGINE_OPTIONS>

export function engineRequest({ engine, restate }: EngineOptions): EngineOverrides {
  return { ...(engine && { name: engine }), ...(restate !== undefined && { restate }) }
}

/** The same options as words of a command line. */
export function engineArguments({ name, restate }: EngineOverrides): readonly string[] {
  return [...(name ? ['--engine', name] : []), ...(restate ?? []).flatMap((url) => ['--restate', url])]
}

/** An amount of dollars, as an option or argument states it. */
export function parseDollars(given: string): number {
  try {
    return readDollars(given) / MICROS_PER_DOLLAR
  } catch {
    throw new InvalidArgumentError('Expected an amount of dollars, such as 2.00.')
  }
}

/** `--priority`: how urgent the work is. */
export const priorityOption = (standard = 'normal') =>
  [
    '--priority <priority>',
    `how urgent the work is, in pools and where it waits for money (default: ${standard})`,
    { choices: PRIORITIES },
  ] as const satisfies OptionRecord

export const budgetOption = (of: 'run' | 'goal' = 'run') =>
  [
    '--budget <dollars>',
    `spending limit for model calls; at the limit the ${of} waits until you raise it`,
    { parse: parseDollars },
  ] as const satisfies OptionRecord
