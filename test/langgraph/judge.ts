import { expect } from 'vitest'
import { effectsIn, live } from './kills/life.ts'

/**
 * Lets the graphs of a folder end, and checks that they end as without a kill. A node may be repeated; a call through
 * antiphon has one key, also if it is.
 */
export async function checkLife(folder: string, where: string): Promise<void> {
  const { ended, stop } = await live({ folder })
  await stop()
  for (const name of ['tool', 'direct'] as const) {
    const [paid, packed, sent] = ['charge', 'pack', 'ship'].map((what) => `${name}-${what} is done`)
    expect(ended[name], where).toEqual({ paid, answer: 'yes', packed, sent })
    for (const what of ['charge', 'pack', 'ship']) {
      const calls = effectsIn(folder).filter((line) => line.startsWith(`${name}-${what} `))
      // the kill cuts off one attempt at most
      expect([calls.length === 1 || calls.length === 2, new Set(calls).size], `${where}: ${calls}`).toEqual([true, 1])
    }
  }
  // asked, answered, and perhaps cut off once; without a question once
  expect(effectsIn(folder).filter((line) => line === 'tool-ask').length, where).toBeLessThanOrEqual(3)
  expect(effectsIn(folder).filter((line) => line === 'direct-ask').length, where).toBeLessThanOrEqual(2)
}
