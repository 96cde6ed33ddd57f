import { readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { start, toNodeListener } from 'antiphon'
import { customerOf, isStaff, newCustomer, staffCookie } from './login.mts'
import { scripted } from './scripted.mts'
import { MODEL, support } from './support.mts'

const PORT = Number(process.env.PORT ?? 3000)
const HOSTS = [`localhost:${PORT}`, `127.0.0.1:${PORT}`]

const app = await start({
  agents: [support],
  models: { 'scripted/shop': scripted },
  prices: { 'scripted/shop': { input: 0, output: 0 }, 'openai/gpt-5-mini': { input: 0.25, output: 2 } },
  // dollars that one customer may spend in a day
  budgets: { day: 1 },
})

// a customer talks, and does nothing else
const customers = toNodeListener(
  app.handler({ path: '/ai', owner: ({ headers }) => customerOf(headers.get('cookie')) }),
)
// staff read the work of all customers, and answer for them
const desk = toNodeListener(
  app.handler({
    path: '/desk',
    ui: true,
    owner: ({ headers }) =>
      isStaff(headers.get('cookie')) ? { staff: 'desk', scopes: ['read', 'approve'], owners: 'all' } : undefined,
  }),
)
const pages = { chat: page('chat.html'), login: page('login.html') }

const server = createServer((request, response) => {
  route(request, response).catch((error) => {
    console.error(error)
    response.destroy()
  })
})
server.listen(PORT, '127.0.0.1', () => {
  const answers = MODEL === 'scripted/shop' ? 'A script answers: .env has no OPENAI_API_KEY.' : `${MODEL} answers.`
  console.log(`Customers: http://localhost:${PORT}/\nStaff:     http://localhost:${PORT}/desk/\n${answers}`)
})
server.on('error', async (error) => {
  console.error(`${error.message}. Give another port: PORT=3001`)
  await app.stop()
  process.exitCode = 1
})

async function route(request: IncomingMessage, response: ServerResponse): Promise<unknown> {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost')
  const { host = '', cookie } = request.headers
  // another site can point its own name at this machine
  if (!HOSTS.includes(host)) return response.writeHead(421).end('Wrong host.')
  if (pathname.startsWith('/ai/')) return customers(request, response)
  if (pathname === '/login' && request.method === 'POST') return logIn(request, response)
  if (pathname.startsWith('/desk')) {
    if (!isStaff(cookie)) return show(response, pages.login)
    return pathname.startsWith('/desk/ui') || pathname.startsWith('/desk/v1')
      ? desk(request, response)
      : response.writeHead(303, { location: '/desk/ui/' }).end()
  }
  if (pathname !== '/') return response.writeHead(404).end('There is no such page.')
  return show(response, pages.chat, customerOf(cookie) ? {} : { 'set-cookie': newCustomer() })
}

async function logIn(request: IncomingMessage, response: ServerResponse): Promise<unknown> {
  if (Number(request.headers['content-length'] ?? Infinity) > 1000) return response.writeHead(413).end()
  const made = staffCookie(new URLSearchParams(await text(request)).get('secret') ?? '')
  if (!made) return response.writeHead(403).end('This is not the secret in .env.')
  return response.writeHead(303, { location: '/desk/ui/', 'set-cookie': made }).end()
}

function page(name: string): string {
  return readFileSync(new URL(name, import.meta.url), 'utf8')
}

function show(response: ServerResponse, html: string, headers: Record<string, string> = {}): unknown {
  const safe = {
    'content-type': 'text/html; charset=utf-8',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
  }
  return response.writeHead(200, { ...safe, ...headers }).end(html)
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, async () => {
    server.close()
    server.closeAllConnections()
    // work that is not finished goes on at the next start
    await app.stop({ grace: 5000 })
  })
}
