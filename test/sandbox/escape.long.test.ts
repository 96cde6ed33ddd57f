import { readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { bubblewrap } from '../../src/sandbox/bubblewrap.ts'
import { none } from '../../src/sandbox/none.ts'
import { BOMBS } from '../../trials/sandbox/bombs.ts'
import { ESCAPE_ATTEMPTS, escapes, explode } from '../../trials/sandbox/find-escapes.ts'
import { type OpenEscapeTarget, openEscapeTarget } from '../../trials/sandbox/target.ts'
import { besideOthers } from '../chaos/killed.ts'
import { SUITE_LIMITS as limits } from './limits.ts'

const gap = await bubblewrap.check()
let target: OpenEscapeTarget
beforeAll(async () => {
  target = await openEscapeTarget(gap ? none : bubblewrap, limits)
})
afterAll(() => target.close())

/** Scratch folders of this process but the one of the target. */
const scratchFolders = async () =>
  (await readdir(tmpdir())).filter((name) => name.startsWith(`antiphon-sandbox-${process.pid}-`)).slice(1)

describe.skipIf(gap !== undefined)(`bubblewrap holds${gap ? ` (skipped: ${gap.reason})` : ''}`, () => {
  // an attempt in a language that is not there escapes from no sandbox
  test.each([
    ['sh', 'sh', '-c', 'exit 7'],
    ['Python', 'python3', '-c', 'exit(7)'],
    ['Node.js', 'node', '-e', 'process.exit(7)'],
  ] as const)('code in %s, which runs there', async (_, program, ...words) => {
    const sandbox = await bubblewrap.open({ limits: { ...limits, seconds: 60 } })
    onTestFinished(() => sandbox.close())
    expect(await sandbox.run([program, ...words])).toMatchObject({ code: 7 })
  })

  test.each(ESCAPE_ATTEMPTS)('code that $name', async (attempt) => {
    expect(await escapes(bubblewrap, limits, attempt, target)).toBe(false)
  })

  test.each(BOMBS)('code that $name, and ends it in time', async (bomb) => {
    const { elapsed, left } = await explode(bubblewrap, limits, bomb)
    expect(elapsed).toBeLessThan(besideOthers((limits.seconds + 1) * 1000))
    expect(left).toBe(0)
    expect(await scratchFolders()).toEqual([])
  })
})

describe('without a sandbox', () => {
  test.each(ESCAPE_ATTEMPTS.filter(({ harmless }) => harmless))('code $name', async (attempt) => {
    expect(await escapes(none, limits, attempt, target)).toBe(true)
  })

  test('code that leaves a process behind is found', async () => {
    const bomb = BOMBS.find(({ name }) => name === 'leaves a process behind')!
    expect((await explode(none, limits, bomb)).left).toBeGreaterThan(0)
  })
})
