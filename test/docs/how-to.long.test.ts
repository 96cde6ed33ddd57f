import { readdirSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { followPage } from './follow-page.ts'
import { ROOT, read } from './program.ts'

/** The address of a server that answers each prompt with one word, as LM Studio would. */
async function openModelServer(): Promise<string> {
  const choices = [{ index: 0, message: { role: 'assistant', content: 'Yes.' }, finish_reason: 'stop' }]
  const usage = { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 }
  const reply = { id: 'reply', object: 'chat.completion', created: 0, model: 'qwen', choices, usage }
  const server = createServer((_, response) =>
    response.setHeader('content-type', 'application/json').end(JSON.stringify(reply)),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

const PAGES = readdirSync(join(ROOT, 'docs/how-to'))

// dear: each command of a page is a process
test.each(PAGES)('%s goes as it says', async (name) => {
  const page = await read(join('docs/how-to', name))
  const models = await openModelServer()
  await followPage(page, {
    runs: 'shown',
    change: (text) => text.replace('127.0.0.1:1234', models).replace('sleep 1', 'sleep 5'),
  })
})

test('the index names every how-to page', async () => {
  const index = await read('docs/README.md')
  expect(PAGES.filter((name) => !index.includes(`](how-to/${name})`))).toEqual([])
})
