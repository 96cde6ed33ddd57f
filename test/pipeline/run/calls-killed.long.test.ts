import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { live } from '../../chaos/calls/life.ts'
import { killIn, openFolders, postsIn } from '../../chaos/calls/story.ts'
import { killSimulated } from '../../chaos/kinds/kill.ts'
import { openSurroundings } from '../../chaos/kinds/surroundings.ts'
import { calls } from '../../chaos/kinds/table/calls.ts'
import { TABLE } from '../../chaos/kinds/table.ts'

// test/chaos/calls.long.test.ts kills processes at every flush

const folders = openFolders()
let around: Awaited<ReturnType<typeof openSurroundings>>
beforeAll(async () => {
  around = await openSurroundings()
})
afterAll(async () => {
  await around.close()
  folders.close()
})

describe('a process that dies before or after any commit or effect of calls', () => {
  const names = calls.map(({ name }) => name)
  test.each(TABLE.filter(({ name }) => names.includes(name)))('leaves $name to the next one', async (one) => {
    const { kills, faults } = await killSimulated(one, around, true)
    expect(faults).toEqual([])
    expect(kills).toBeGreaterThan(5)
  })
})

test.each(['answer', 'press'] as const)(
  'kill -9 right after the first commit of an approval (%s) loses nothing',
  async (act) => {
    const folder = folders.make()
    await live({ folder, act: 'wait' })
    await live({ folder, act: 'link' })
    expect(await killIn(folder, act, { side: 'after', flush: 1 })).toBe(true)
    expect(await live({ folder, act })).toMatchObject({ status: 'completed', outputs: { once: { v: 'sent' } } })
    expect(postsIn(folder)).toHaveLength(1)
  },
)
