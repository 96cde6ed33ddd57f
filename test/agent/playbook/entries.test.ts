import { expect, test } from 'vitest'
import { bounded } from '../../../src/agent/playbook/entries.ts'
import type { LearnedEntry } from '../../../src/agent/playbook/learned.ts'

const entry = (id: string, learnedAt: number, more: Partial<LearnedEntry> = {}): LearnedEntry => ({
  ...{ id, goal: 'g', learnedAt, uses: 0, failures: 0 },
  ...more,
})

test('the least recently used playbook goes, but neither one that waits for a person nor the one that was just accepted', () => {
  const used = Array.from({ length: 100 }, (_, n) => entry(`used-${n}`, 10, { usedAt: 100 + n, verdict: 'accepted' }))
  const waits = entry('waits', 1)
  const accepted = entry('accepted', 2, { verdict: 'accepted' })
  const { kept, gone } = bounded([...used, waits, accepted], accepted)
  expect(gone.map(({ id }) => id)).toEqual(['used-0'])
  expect(kept).toContain(waits)
  expect(kept).toContain(accepted)
})
