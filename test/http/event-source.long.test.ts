import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it, onTestFinished } from 'vitest'
import { createApp } from '../../src/http/server/app.ts'
import { serve } from '../../src/http/server/serve.ts'
import { collect, openApp } from './bench.ts'

const run = promisify(execFile)

/** Node's own EventSource follows an address until it is told to stop, or has come for the third time. */
const FOLLOW = `
const told = []
let opened = 0
// between two connections it alone keeps no process
const staying = setInterval(() => {}, 1000)
const source = new EventSource(process.argv[1])
const end = (how) => {
  source.close()
  clearInterval(staying)
  console.log(JSON.stringify({ how, opened, told }))
}
source.onopen = () => ++opened === 3 && end('came again and again')
source.addEventListener('event', ({ lastEventId, data }) => told.push([lastEventId, JSON.parse(data).type]))
source.onerror = () => source.readyState === EventSource.CLOSED && end('closed')
`

async function followed(url: string): Promise<unknown> {
  const { stdout } = await run(process.execPath, ['--experimental-eventsource', '--no-warnings', '-e', FOLLOW, url])
  return JSON.parse(stdout)
}

it('an EventSource has each event once, and stops when the run is over', async () => {
  const { runtime, client, file } = openApp()
  const served = await serve(createApp(runtime), { host: '127.0.0.1', port: 0 })
  onTestFinished(() => served.close())
  const { id } = await client.runs.start({ file: file(['one', 'two']) })
  const all = (await collect(client.runs.events(id))).map(({ n, body }) => [String(n), (body as { type: string }).type])
  const url = `http://127.0.0.1:${served.port}/v1/runs/${id}/events`
  const [whole, some, none] = await Promise.all([url, `${url}?after=2`, `${url}?after=${all.length}`].map(followed))
  expect(whole).toEqual({ how: 'closed', opened: 1, told: all })
  expect(some).toEqual({ how: 'closed', opened: 1, told: all.slice(2) })
  expect(none).toEqual({ how: 'closed', opened: 0, told: [] })
})
