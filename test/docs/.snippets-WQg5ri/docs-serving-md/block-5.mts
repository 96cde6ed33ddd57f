import { createServer } from 'node:http'
import { toNodeListener } from 'antiphon'
import { app } from './ai.mts'

const { token } = await app.access.keys.create({ name: 'operator', owner: 'ops', scopes: ['admin'] })
createServer(toNodeListener(app.fetch)).listen(3000, '127.0.0.1')
const answered = await fetch('http://127.0.0.1:3000/v1/status', { headers: { authorization: `Bearer ${token}` } })
console.log(answered.status)
