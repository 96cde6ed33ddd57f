import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { openDev } from './dev-program.ts'

/** How often a text stands in the output so far. */
const times = (text: string, part: string) => text.split(part).length - 1

// dear: each version of the program is a process
test('a broken edit leaves the version before at work, and a kill of the parent leaves nothing', async () => {
  const { dev, edit, breakBy, owner, path } = openDev({ RUNS: '2' })
  await dev.said('version 0')
  const first = owner()!.pid
  for (const way of [0, 1, 2, 3]) {
    const before = times(dev.texts.err, 'The version before goes on.')
    breakBy(way)
    await expect.poll(() => times(dev.texts.err, 'The version before goes on.')).toBe(before + 1)
  }
  expect(owner()!.pid).toBe(first)
  expect(dev.texts.err).toMatch(/version\.mts:2\n/)
  expect(dev.texts.err).toContain('missing.mts')
  expect(dev.texts.err).toContain('defineWorkflow: name')
  expect(dev.texts.err).toContain('There are two workflows order of version 1.')
  edit(7)
  await dev.said('version 7')
  await dev.said('r2 order completed')
  const lines = readFileSync(path('lines.txt'), 'utf8').trim().split('\n')
  expect(new Set(lines).size).toBe(lines.length)
  const second = owner()!.pid
  expect(second).not.toBe(first)
  dev.child.kill('SIGKILL')
  await expect.poll(() => existsSync(`/proc/${second}`)).toBe(false)
})
