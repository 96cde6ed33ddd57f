import { createClient } from 'antiphon/client'

const client = createClient({ url: 'http://localhost:8080', key: process.env.KEY })
const { id } = await client.runs.start({ pipeline: 'hello', inputs: { who: 'Bob' } })
for await (const { n } of client.runs.events(id)) if (n !== undefined) console.log(n)
console.log((await client.runs.get(id)).outputs)
