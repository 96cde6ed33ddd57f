import { createRuntime, loadConfig } from 'antiphon'

const config = await loadConfig({ folder: '.', environment: process.env })
const runtime = await createRuntime(config)
const first = await runtime.agents.put('triage', { instructions: 'You sort mail.', tools: ['filesystem:read'] }, { owner: 'shop-7' })
await runtime.agents.put('triage', { instructions: 'You sort mail by urgency.' }, { owner: 'shop-7' })
const { versions } = await runtime.agents.get('triage', { owner: 'shop-7' })
console.log(versions.length, versions[0].hash === first.hash)
const { id } = await runtime.goals.start({ agent: 'triage', goal: 'Sort the mail of today.', owner: 'shop-7' })
console.log((await runtime.goals.get(id)).agent)
await runtime.agents.remove('triage', { owner: 'shop-7' })
await runtime.stop()
