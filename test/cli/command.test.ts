import { Command } from 'commander'
import { expect, it } from 'vitest'
import { addCommand, type Cli, command } from '../../src/cli/cli.ts'
import { InvalidError } from '../../src/errors.ts'

const weigh = command({
  name: 'weigh',
  about: 'Weigh things.',
  args: [
    ['<unit>', 'the unit', { choices: ['g', 'kg'] as const }],
    ['[things...]', 'the things'],
  ],
  options: [
    ['-n, --at-most <number>', 'only so many', { parse: Number, default: 3 }],
    ['--by [name]', 'the person'],
    ['--no-round', 'all digits'],
    ['--json', 'as JSON', { conflicts: 'by' }],
  ],
  at: 'folder',
  examples: ['weigh kg apples'],
  // the types of these values follow from the record
  run: (_cli, unit, things, { atMost, by, round, json, data }) => {
    const given: readonly [unit: 'g' | 'kg', things: readonly string[], most: number] = [unit, things, atMost]
    const more: readonly [boolean, string | true | undefined, boolean | undefined] = [round, by, json]
    seen.push([...given, ...more, data])
    return unit === 'kg' ? 0 : 4
  },
})
const seen: unknown[] = []

/** Parses a command line, and returns the exit code or the fault. */
async function parse(...words: readonly string[]): Promise<number | string> {
  const program = new Command()
  let code: number | string = 'none'
  addCommand(program, weigh, {} as Cli, (given) => (code = given))
  for (const one of [program, ...program.commands]) one.exitOverride().configureOutput({ writeErr: () => undefined })
  return program.parseAsync(words, { from: 'user' }).then(
    () => code,
    (error: Error) => error.message,
  )
}

it('a command gets the values that its record describes, and returns its exit code', async () => {
  expect(await parse('weigh', 'kg', 'a', 'b', '--by')).toBe(0)
  expect(await parse('weigh', 'g', '-n', '7', '--no-round', '--json', '--data', 'x')).toBe(4)
  expect(seen).toEqual([
    ['kg', ['a', 'b'], 3, true, true, undefined, undefined],
    ['g', [], 7, false, undefined, true, 'x'],
  ])
})

it.each([
  [['weigh'], "missing required argument 'unit'"],
  [['weigh', 'lb'], "'lb' is invalid for argument 'unit'. Allowed choices are g, kg."],
  [['weigh', 'g', '--json', '--by'], "option '--json' cannot be used with option '--by [name]'"],
  [['weigh', 'g', '--server', 'x'], "unknown option '--server'"],
])('%j is refused', async (words, says) => {
  expect(await parse(...words)).toContain(says)
})

it.each([
  ['body.queue.slots: expected 1', '--slots: expected 1'],
  ['body.queue.key: expected a text', '--queue: expected a text'],
  ['body.startAt: expected a time', '--start-at: expected a time'],
  ['body.records.0.startAt: expected a time', '--start-at: expected a time'],
  ['query.size: expected 1', '--size: expected 1'],
  ['path.file: expected a path', '<file>: expected a path'],
  ['body.other: expected 1', 'body.other: expected 1'],
  ['There is no size', 'There is no size'],
])('an error about a field names its option: %s', async (thrown, says) => {
  const failing = command({
    name: 'fail',
    about: 'Fail.',
    args: [['<file>', 'a file']],
    options: [
      ['--queue <key>', 'a key'],
      ['--slots <number>', 'slots'],
      ['--start-at <time>', 'a time'],
      ['-s, --size <number>', 'a size'],
    ],
    run: () => {
      throw new InvalidError(thrown, { code: 'too_much', hint: 'Less.' })
    },
  })
  const program = new Command()
  addCommand(program, failing, {} as Cli, () => undefined)
  const given = program.parseAsync(['fail', 'f'], { from: 'user' })
  await expect(given).rejects.toMatchObject({ message: says, code: 'too_much', hint: 'Less.' })
})
