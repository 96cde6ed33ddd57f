import { createRuntime, loadConfig } from 'antiphon'

const runtime = await createRuntime(await loadConfig({ folder: '.', environment: process.env }))
const reward = { type: 'novelty', ask: 'ask_1', amount: '5000000000' } as const
console.log(await runtime.ledger.book('ada', reward))
console.log(await runtime.ledger.book('ada', reward))
await runtime.ledger.book('bob', { type: 'citation', ask: 'ask_2', record: 'note-1', amount: '1500000000' })
await runtime.stop()
