import type { Command } from 'commander'
import { expect, it } from 'vitest'
import type { Cli } from '../../src/cli/cli.ts'
import { loadCommands } from '../../src/cli/command-list.ts'
import { summaryOf } from '../../src/cli/help.ts'
import { createProgram } from '../../src/cli/program.ts'
import { openBench } from './commands.ts'

/** A group that a reader can survey, and the width of a window. */
const GROUP = 20
const COLUMNS = 80

it('has one line for each command, in groups that are not too large', async () => {
  const bench = openBench()
  const { code, out } = await bench.run('--help')
  expect(code).toBe(0)
  const lines = out.trimEnd().split('\n')
  const groups = out.split('\n\n')[2]!.split(/\n(?= {2}\S)/)
  expect(groups.join('\n').split('\n')).toHaveLength(
    createProgram({} as Cli, await loadCommands()).commands.filter(isShown).length,
  )
  for (const group of groups) expect(group.split('\n').length, group).toBeLessThanOrEqual(GROUP)
  for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(COLUMNS)
  expect(out).toMatch(/^ {2}Run +run +Run a workflow or a pipeline and print its outputs\n {11}workflows +Show/m)
  expect(out).not.toMatch(/ own /)
  expect((await bench.run('--version')).out).toMatch(/^\d+\.\d+\.\d+\n$/)
  expect((await bench.run()).code).toBe(2)
  expect((await bench.run('help', 'runs')).out).toContain('Usage: antiphon runs')
})

const isShown = (command: Command) => !(command as Command & { readonly _hidden?: boolean })._hidden

function all(command: Command): readonly Command[] {
  return command.commands.flatMap((child) => [child, ...all(child)])
}

const commands = all(createProgram({} as Cli, await loadCommands()))

it.each(commands.map((command) => [command.name(), command] as const))(
  'the help of %s begins with a short sentence and fits the width',
  (_, command) => {
    expect(command.description()).toMatch(/^[A-Z][^\n]*\.$/)
    expect(summaryOf(command).length).toBeLessThanOrEqual(58)
    for (const { name, description } of [
      ...command.options.map(({ flags: name, description }) => ({ name, description })),
      ...command.registeredArguments.map((argument) => ({ name: argument.name(), description: argument.description })),
    ])
      expect(description, name).not.toBe('')
  },
)

it('loads only the command that the first word names', async () => {
  const all = Object.values(await loadCommands()).flat()
  expect(all.length).toBeGreaterThan(50)
  for (const { name } of all.filter(({ name }) => name !== 'completion'))
    expect(Object.values(await loadCommands(['--no-color', name, 'why'])).flat()).toEqual([
      expect.objectContaining({ name }),
    ])
  for (const args of [['rusn'], ['help', 'runs'], ['completion', 'bash'], ['--data', 'x', 'runs'], []])
    expect(Object.values(await loadCommands(args)).flat(), args.join(' ')).toHaveLength(all.length)
})
