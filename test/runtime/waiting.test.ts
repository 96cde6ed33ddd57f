import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { loadConfig } from '../../src/config.ts'
import { createRuntime } from '../../src/runtime.ts'

test.each(['idempotent', 'at-most-once'])(
  "waiting for a place in the pool is not the step's time: %s",
  { timeout: 60_000 },
  async (effect) => {
    const folder = await mkdtemp(join(tmpdir(), 'antiphon-waiting-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const step = (id: string, timeout: number, command: string) =>
      `  - { id: ${id}, tool: terminal, action: execute, effect: ${effect}, timeout: ${timeout}, parameters: { command: ${command} } }\n`
    const file = join(folder, 'wait.yaml')
    // what waits does so for longer than its time, which is far more than it works
    await writeFile(file, `name: wait\nsteps:\n${step('first', 60, 'sleep 3')}${step('waits', 2.5, 'date')}`)
    const config = await loadConfig({ folder, environment: process.env })
    const runtime = await createRuntime({ ...config, embedder: 'none', pool: { workers: 1, queue: 100 } })
    onTestFinished(() => runtime.stop())
    const { id } = await runtime.startRun({ file })
    await runtime.idle()
    expect(await runtime.run(id)).toMatchObject({ status: 'completed', counts: { done: 2 } })
  },
)
