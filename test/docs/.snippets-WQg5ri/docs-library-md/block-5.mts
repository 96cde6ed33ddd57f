import { createRuntime, loadConfig } from 'antiphon'

const runtime = await createRuntime(await loadConfig({ folder: '.', environment: process.env }))
const long = `What is antiphon? ${'And so on. '.repeat(100)}`
await runtime.threads.ask({ thread: 'main', id: 'one', prompt: long, files: ['README.md'] })
await runtime.threads.ask({ thread: 'main', id: 'two', prompt: 'What is antiphon?' })
const { consents = [] } = await runtime.threads.getAsk('main', 'two')
console.log(consents)
await runtime.inbox.consent('two', consents.map(({ message }) => ({ message, answer: 'summarise' as const })))
for (const { n, inPrompts } of await runtime.threads.messages('main')) console.log(n, inPrompts)
await runtime.stop()
