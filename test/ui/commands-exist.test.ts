import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { expect, test } from 'vitest'
import type { Cli } from '../../src/cli/cli.ts'
import { loadCommands } from '../../src/cli/command-list.ts'
import { createProgram } from '../../src/cli/program.ts'

const UI = join(import.meta.dirname, '../../ui')
const program = createProgram({} as Cli, await loadCommands())

/** The words of each command that the pages show, as far as they stand in the source; `isWhole`: nothing follows. */
function shownCommands(): readonly (readonly [file: string, words: readonly string[], isWhole: boolean])[] {
  return globSync('**/*.{ts,tsx}', { cwd: UI, exclude: ['dist/**'] }).flatMap((file) => {
    const text = readFileSync(join(UI, file), 'utf8')
    const shown = [...text.matchAll(/\b(?:words|copies)=\{((?:[^{}]|\{[^{}]*\})+)\}/g)].map(([, value]) => value!)
    const lists = file === 'lib/commands.ts' ? text.match(/return \[(?:\s+\.\.\.\[)?'[^\]]+\]/g)! : shown
    const made = [...lists.join('\n').matchAll(/\[('[a-z][\w-]*'(?:, '[\w-]+')*)(\])?/g)].map(
      ([, words, end]) => [file, words!.match(/[\w-]+/g)!, end !== undefined] as const,
    )
    const written = [...text.matchAll(/<code>antiphon ([^<]+)/g)].map(
      ([, words]) => [file, words!.split(' '), true] as const,
    )
    return [...made, ...written]
  })
}

/** Whether a command that has subcommands does something without one. commander does not publish this. */
const canRun = (of: Command) => Boolean(Reflect.get(of, '_actionHandler') ?? Reflect.get(of, '_defaultCommandName'))

/** The first fault of a command; undefined: there is none. */
function faultIn(words: readonly string[], isWhole = true): string | undefined {
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
  if (isWhole && at.commands.length > 0 && rest.length === 0 && !canRun(at)) return `${at.name()} alone prints its help`
  if (at.commands.length > 0 && rest[0] !== undefined && !rest[0].startsWith('-'))
    return `${at.name()} has no ${rest[0]}`
  const known = at.options.flatMap(({ long, short }) => [long, short])
  return rest.find((word) => word.startsWith('-') && !known.includes(word))
}

test('each command that the pages show exists', () => {
  const shown = shownCommands()
  expect(shown.length).toBeGreaterThan(40)
  const faults = shown.map(([file, words, isWhole]) => [file, words.join(' '), faultIn(words, isWhole)])
  expect(faults.filter(([, , fault]) => fault !== undefined)).toEqual([])
  expect(faultIn(['keys', 'create', 'NAME'])).toBe('keys has no create')
  expect(faultIn(['keys'])).toBe('keys alone prints its help')
  expect(faultIn(['memory', 'search', '--nonsense'])).toBe('--nonsense')
})
