import { start } from 'antiphon'

await using app = await start({ pipelines: { order: 'order.yaml' } })
const queue = { key: 'customer-7', onConflict: 'join' } as const
const run = await app.run('order', { inputs: { id: '7' }, queue })
console.log(run.status)
const { id } = await app.runs.start({ file: `${process.cwd()}/order.yaml`, inputs: { id: '8' }, delay: '1h' })
console.log((await app.runs.get(id)).starts_at !== undefined)
await app.runs.cancel(id, 'not needed')
