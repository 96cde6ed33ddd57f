import { join } from 'node:path'
import { loadConfig } from '../../../src/config.ts'
import { createRuntime } from '../../../src/runtime.ts'
import { awaitLife } from '../../../src/testing/index.ts'

// a process that runs a pipeline in a pipeline, answers what waits below, and is killed meanwhile
const { settings, begin } = await awaitLife<{
  readonly folder: string
  readonly file: string
  readonly isLast: boolean
}>()
const { folder, file, isLast } = settings
const config = await loadConfig({ folder, environment: {} })
const plugins = [join(import.meta.dirname, 'tools.ts')]
const runtime = await createRuntime({ ...config, plugins, embedder: 'none', durability: 'process' })
begin()
await runtime.startRun({ file, id: 'run_a', inputs: { ledger: join(folder, 'calls') } })
await runtime.resume('run_a')
// the same ids in every life: each is sent once
await Promise.all(['gate', 'early'].map((name) => answer(name)))
await runtime.idle()
if (isLast) await runtime.stop()
else setInterval(() => {}, 1000)

async function answer(name: string): Promise<void> {
  for (;;) {
    try {
      const { status } = await runtime.run('run_a')
      if (status !== 'running') return
      await runtime.signal('run_a.sub', name, 1, { id: `sig_${name}` })
      return
    } catch {
      // the run below has not begun
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }
}
