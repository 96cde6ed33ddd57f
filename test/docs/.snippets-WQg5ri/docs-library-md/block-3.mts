import { createRuntime, loadConfig, runPipeline } from 'antiphon'

const runtime = await createRuntime(await loadConfig({ folder: '.', environment: process.env }))
const { id } = await runtime.runs.start({ file: 'publish.yaml' })
await runtime.runs.signal(id, 'gate', { action: 'approve', reason: 'fine' })
const { outputs } = await runPipeline('publish.yaml', { runtime, id })
console.log(outputs)
await runtime.stop()
