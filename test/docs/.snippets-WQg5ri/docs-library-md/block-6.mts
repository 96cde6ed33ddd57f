import { createRuntime, definePhase, loadConfig, TerminalError } from 'antiphon'

const quote = definePhase({
  name: 'yield',
  modality: 'text',
  domain: 'manuals',
  initial: () => ({ asks: 0 }),
  async run({ asks }, { prompt }, context) {
    const [hit] = (await context.retrieve(prompt)).hits
    if (!hit) throw new TerminalError('the manuals say nothing of that', { code: 'refused' })
    const { vid, source, file, line, endLine, text } = hit
    const answer = `${file}:${line} ${text} <vid>${vid}</vid>`
    const citations = [{ vid, source, file, line, endLine, text }]
    const output = { answer, citations, invalidCitations: [] }
    return { state: { asks: asks + 1 }, output, text: answer, status: 'completed' }
  },
})

const runtime = await createRuntime(await loadConfig({ folder: '.', environment: process.env }), { phases: [quote] })
const question = { thread: 'main', prompt: 'What brings its own Node?', files: ['CONTRIBUTING.md'] }
console.log((await runtime.threads.ask({ ...question, domain: 'manuals' })).answer)
await runtime.stop()
