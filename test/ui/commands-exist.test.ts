import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { expect, test } from 'vitest'
import type { Cli } from '../../src/cli/cli.ts'
import { loadCommands } from '../../src/cli/command-list.ts'
import { createProgram } from '../../src/cli/program.ts'

const UI = join(import.meta.dirname, '../../ui')
const program = createProgram({} as Cli, await loadCommands())

/** The words of each command that the pages show, as far as they stand in the source. */
function shownCommands(): readonly (readonly [file: string, words: readonly string[]])[] {
  return globSync('**/*.{ts,tsx}', { cwd: UI, exclude: ['dist/**'] }).flatMap((file) => {
    const text = readFileSync(join(UI, file), 'utf8')
    const made = [...text.matchAll(/\bcommand\(((?:'[\w-]+'(?:, )?)+)/g)].map(([, words]) => words!.match(/[\w-]+/g)!)
    const written = [...text.matchAll(/<code>antiphon ([^<]+)/g)].map(([, words]) => words!.split(' '))
    return [...made, ...written].map((words) => [file, words] as const)
  })
}

/** The first fault of a command; undefined: there is none. */
function faultIn(words: readonly string[]): string | undefined {
  let at: Command = program
  let depth = 0
  for (const word of words) {
    const next = at.commands.find((one) => one.name() === word)
    if (!next) break
    at = next
    depth++
  }
  if (depth === 0) return 'no such command'
  const rest = words.slice(depth)
  if (at.commands.length > 0 && rest[0] !== undefined && !rest[0].startsWith('-'))
    return `${at.name()} has no ${rest[0]}`
  const known = at.options.flatMap(({ long, short }) => [long, short])
  return rest.find((word) => word.startsWith('-') && !known.includes(word))
}

test('each command that the pages show exists', () => {
  const shown = shownCommands()
  expect(shown.length).toBeGreaterThan(40)
  const faults = shown.map(([file, words]) => [file, words.join(' '), faultIn(words)])
  expect(faults.filter(([, , fault]) => fault !== undefined)).toEqual([])
  expect(faultIn(['keys', 'create', 'NAME'])).toBe('keys has no create')
  expect(faultIn(['memory', 'search', '--nonsense'])).toBe('--nonsense')
})
