import { expect, test } from 'vitest'
import { printPlan } from '../../../src/cli/render/plan.ts'
import type { Terminal } from '../../../src/cli/terminal/terminal.ts'
import type { EarlierUsage } from '../../../src/pipeline/report/plan.ts'

const all = (value: number) => ({ least: value, median: value, most: value })

test.each<[what: string, taken: EarlierUsage, told: string]>([
  [
    'a price',
    { times: 2, ms: all(20), cost: { least: 0, median: 0.5, most: 1 } },
    '20 ms, $0.0000–$1.0000 (median $0.5000)',
  ],
  ['nothing where there is no price', { times: 2, ms: all(20), cost: all(0) }, '20 ms'],
])('a plan tells %s of what models took', (_, taken, told) => {
  const lines: string[] = []
  const step = {
    id: 'a',
    does: 'generate',
    needs: [],
    effect: 'idempotent',
    onDemand: true as const,
    model: { id: 'p/big', why: 'it is named' },
    fallback: ['small', 'b'],
    taken,
  }
  printPlan({ out: (line: string) => lines.push(line) } as unknown as Terminal, {
    pipeline: 'p',
    levels: [[step]],
    mermaid: '',
  })
  expect(lines).toEqual([
    'p: 1 step in 1 level',
    '1',
    `  a  generate · only when another step leads to it · model p/big: it is named · when it fails: small, b · earlier: ${told}, 2 runs`,
  ])
})
