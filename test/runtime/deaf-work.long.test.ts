import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { loadConfig } from '../../src/config/config.ts'
import { createRuntime } from '../../src/index.ts'

const PLUGIN = `
import { defineTool } from '${join(import.meta.dirname, '../../src/index.ts')}'
import { z } from '${createRequire(import.meta.url).resolve('zod')}'
export default defineTool({
  name: 'deaf:work', description: 'ignores its signal', input: z.object({}), output: z.object({}), effect: 'idempotent',
  async execute() {
    globalThis.deafWorkBegan?.()
    await new Promise((resolve) => setTimeout(resolve, 60_000).unref())
    return {}
  },
})`

test('work that ignores its interruption does not hold a process for longer than its grace and a moment', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-deaf-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const began = Promise.withResolvers<void>()
  Object.assign(globalThis, { deafWorkBegan: began.resolve })
  await writeFile(join(folder, 'deaf.ts'), PLUGIN)
  const file = join(folder, 'deaf.yaml')
  await writeFile(file, 'name: deaf\nsteps:\n  - id: a\n    tool: deaf:work\n    parameters: {}\n')
  await writeFile(join(folder, 'antiphon.yaml'), `data: data\nplugins: [deaf.ts]\n`)
  const runtime = await createRuntime(await loadConfig({ folder, environment: process.env }))
  await runtime.runs.start({ file })
  await began.promise
  const late = sleep(20_000, 'late', { ref: false })
  expect(await Promise.race([runtime.stop({ grace: 100 }).then(() => 'stopped'), late])).toBe('stopped')
})
