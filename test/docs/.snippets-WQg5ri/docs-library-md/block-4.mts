import { createRuntime, loadConfig } from 'antiphon'

const runtime = await createRuntime(await loadConfig({ folder: '.', environment: process.env }))
const request = { thread: 'main', prompt: 'What does npm ci bring?', files: ['CONTRIBUTING.md'], recursion: 'step' as const }
const { id } = await runtime.threads.startAsk(request)
for await (const { body } of runtime.threads.askEvents('main', id)) {
  if ((body as { type: string }).type !== 'decision-wait') continue
  const { proposal } = await runtime.threads.getAsk('main', id)
  console.log(proposal)
  await runtime.inbox.decide(id, proposal!.cycle === 1 ? { decision: 'loop', target: 'observation' } : { decision: 'accept' })
}
console.log((await runtime.threads.ask({ ...request, id })).answer)
await runtime.stop()
