import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'
import { startRestate } from '../../../src/engine/restate/server/server.ts'
import { describeOnRestate } from './server.ts'

describeOnRestate('a server of our own', () => {
  it('keeps its temporary files below its data, and clears away what one that was killed left there', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'antiphon-spill-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const temporary = join(folder, 'tmp')
    await mkdir(join(temporary, 'invoker-left'), { recursive: true })
    const server = await startRestate(folder)
    onTestFinished(() => server.stop())
    await vi.waitFor(async () => expect(await readdir(temporary)).toEqual([expect.stringMatching(/^invoker-/)]), 60_000)
    expect(await readdir(temporary)).not.toContain('invoker-left')
  })
})
