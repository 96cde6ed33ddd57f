import { Command } from 'commander'
import { expect, it } from 'vitest'
import { shieldId, unshield } from '../../../src/cli/arguments/dashed-ids.ts'
import { addCommand, command } from '../../../src/cli/cli.ts'

const DERIVED = '-MgZo3y_ugp1lxOxeO1mEg'

async function valuesOf(...args: readonly string[]): Promise<unknown> {
  let seen: unknown
  const record = command({
    name: 'take',
    about: 'Take.',
    args: [['<ids...>', 'ids']],
    options: [
      ['--json', 'as JSON'],
      ['--as <id>', 'an id'],
      ['--read <id>', 'an id that is read', { parse: (given: string) => `read ${given}` }],
    ],
    run: (_, ids, options) => {
      seen = { ids, ...options }
      return 0
    },
  })
  const program = new Command('antiphon').exitOverride().configureOutput({ writeErr: () => undefined })
  addCommand(program, record, {} as never, () => undefined)
  for (const one of program.commands) one.exitOverride().configureOutput({ writeErr: () => undefined })
  await program.parseAsync(['take', ...args].map(shieldId), { from: 'user' })
  return seen
}

it('takes an id of a message that begins with a dash, alone, between others and as the value of an option', async () => {
  expect(await valuesOf(DERIVED)).toEqual({ ids: [DERIVED] })
  expect(await valuesOf('a', `${DERIVED}.12`, 'b', '--json')).toEqual({ ids: ['a', `${DERIVED}.12`, 'b'], json: true })
  expect(await valuesOf('a', '--as', DERIVED, '--read', DERIVED)).toEqual({
    ids: ['a'],
    as: DERIVED,
    read: `read ${DERIVED}`,
  })
})

it('still refuses an option that does not exist, however long', async () => {
  for (const option of ['--no-such-option-at-all', '-x', '--Json', `${DERIVED}x`])
    await expect(valuesOf('a', option), option).rejects.toMatchObject({ code: 'commander.unknownOption' })
})

it('frees values only, and leaves instances alone', () => {
  const instance = new Date()
  expect(unshield([shieldId(DERIVED), instance, null, 3])).toEqual([DERIVED, instance, null, 3])
})
