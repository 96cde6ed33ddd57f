import { expect, test } from 'vitest'
import type { CodeLook } from '../../../../src/agent/goal/services.ts'
import { compareCode } from '../../../../src/agent/room/code/compare-code.ts'

/** A look that finds the change which the definition carries. */
const look = async (definition: unknown): Promise<CodeLook> => (definition as { found: CodeLook }).found

const changed = (onChange: 'ask' | 'adopt' | 'finish-old', isSure = true): CodeLook => ({
  lack: 'old',
  change: { lines: ['refund: gone'], definition: '', onChange, isSure },
})

async function outcomeOf(found: CodeLook, noAnswer?: true) {
  const definition = { found } as never
  const { changes } = await compareCode(
    { needs: [{ agent: 'support', goals: ['g1', 'g2'], definition, ...(noAnswer && { noAnswer }) }] },
    look,
  )
  return changes
}

test('a comparison says for each change what a start with the new code would do', async () => {
  const group = { agent: 'support', changes: ['refund: gone'], goals: ['g1', 'g2'] }
  expect(await outcomeOf({ lack: '' })).toEqual([])
  expect(await outcomeOf({ lack: 'no tool' })).toEqual([{ ...group, outcome: 'lacks', changes: ['no tool'] }])
  expect(await outcomeOf(changed('ask'))).toEqual([{ ...group, outcome: 'asks' }])
  expect(await outcomeOf(changed('adopt'))).toEqual([{ ...group, outcome: 'goes-on' }])
  expect(await outcomeOf(changed('adopt', false))).toEqual([{ ...group, outcome: 'asks' }])
  expect(await outcomeOf(changed('finish-old'))).toEqual([{ ...group, outcome: 'keeps' }])
})

test('goals that have not asked their model yet would go on without an answer', async () => {
  expect(await outcomeOf(changed('ask'), true)).toMatchObject([{ outcome: 'goes-on' }])
  expect(await outcomeOf(changed('finish-old'), true)).toMatchObject([{ outcome: 'keeps' }])
})
