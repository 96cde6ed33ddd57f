import { expect, test } from 'vitest'
import { askAll } from '../../bench/chain/ask.ts'
import { kindsTold, reportOf, select } from '../../bench/chain/command.ts'
import type { ChainRow } from '../../bench/chain/figures.ts'
import { renderChainRow } from '../../bench/chain/report.ts'
import { readQuestions } from '../../bench/chain/sets.ts'

test('a question of each kind is asked of the chain and of one call', async () => {
  const halves = ['tune'] as const
  const questions = select(readQuestions(), { halves, sample: 1 })
  const asking = { model: 'offline/extractive', embedder: 'none' } as const
  const told: ChainRow[] = []
  const asked = await askAll(questions, { ...asking, onAsked: kindsTold(questions, (row) => void told.push(row)) })
  const { rows, costs, goals } = reportOf(asked, { ...asking, halves, isWhole: false })
  expect(new Set(told)).toEqual(new Set(rows))
  expect(renderChainRow(told[0]!)).toMatch(/^[\w-]+ tune, (chain|one call): .*, n 1$/)
  expect(rows).toHaveLength(2 * questions.length)
  expect(rows.find(({ kind, method }) => kind === 'single' && method === 'chain')).toMatchObject({
    right: 1,
    cited: 1,
    numbers: 0,
  })
  const [chain, once] = costs
  expect(chain).toMatchObject({ method: 'chain', calls: expect.closeTo(6, -1) })
  expect(once).toMatchObject({ method: 'one call', calls: 1 })
  expect(goals).toBeUndefined()
})
