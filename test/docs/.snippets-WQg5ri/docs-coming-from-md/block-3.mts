import { createServer } from 'node:http'
import { defineWorkflow, start, toNodeListener } from 'antiphon'
import { z } from 'zod'

const greeter = defineWorkflow({ name: 'greeter', input: z.string(), run: async (_ctx, name) => `Hello ${name}!` })

const app = await start({ workflows: [greeter] })
const handler = app.handler({ owner: () => ({ owner: 'pete', scopes: ['read', 'run'] }), path: '/ai' })
createServer(toNodeListener(handler)).listen(9080, '127.0.0.1')
