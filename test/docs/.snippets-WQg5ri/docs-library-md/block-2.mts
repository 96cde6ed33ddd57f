import { createRuntime, loadConfig, runPipeline } from 'antiphon'

const runtime = await createRuntime(await loadConfig({ folder: '.', environment: process.env }))
try {
  const [monday, tuesday] = await Promise.all([
    runPipeline('notes.yaml', { runtime, inputs: { file: 'README.md' } }),
    runPipeline('notes.yaml', { runtime, inputs: { file: 'CONTRIBUTING.md' } }),
  ])
  console.log(monday.status, tuesday.status, (await runtime.runs.list({ limit: 2 })).length)
} finally {
  await runtime.stop()
}
