import { createRuntime, loadConfig } from '../../src/index.ts'
import { until } from '../../src/testing/index.ts'

// Leaves two dead letters in the data folder of the given folder: messages that no run understands.
const runtime = await createRuntime(await loadConfig({ folder: process.argv[2]!, environment: {} }))
for (const id of ['letter-1', 'letter-2'])
  await runtime.engine.tell({ kind: 'run', key: 'nothing' }, { type: 'nonsense', password: 'hunter2' }, { id })
await until(async () => (await runtime.inspector.deadLetters.list()).length === 2)
await runtime.stop()
