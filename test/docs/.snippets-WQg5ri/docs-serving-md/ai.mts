// ai.mts
import { defineAgent, start } from 'antiphon'

const support = defineAgent({ name: 'support', model: 'openai/gpt-5-mini', instructions: 'You help customers of a shop.' })
export const app = await start({ agents: [support] })

const sessions = new Map([['7d0f', 'customer-42']])
const owner = (request: Request) => {
  const [, session = ''] = /session=(\w+)/.exec(request.headers.get('cookie') ?? '') ?? []
  return sessions.get(session)
}
export const handler = app.handler({ owner, path: '/ai' })
