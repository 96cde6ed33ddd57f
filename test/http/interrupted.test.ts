import { expect, it } from 'vitest'
import { type AntiphonError, CancelledError, RetryableError } from '../../src/errors.ts'
import { createApp } from '../../src/http/server/app.ts'
import { createObserver } from '../../src/observe/create-observer.ts'
import { openLog } from '../../src/observe/log/logger.ts'
import { openApp, post } from './bench.ts'

/** What is logged of a question that ends so. */
async function loggedOf(error: AntiphonError) {
  const lines: string[] = []
  const to = { write: (line: string) => void lines.push(line) }
  const log = await openLog({ form: 'json', level: 'info', redact: (text) => text, to })
  const { runtime: fake } = openApp()
  const threads = { ...fake.threads, ask: () => Promise.reject(error) }
  const runtime = { ...fake, observer: createObserver([log]), threads }
  const { status } = await createApp(runtime).request('/v1/threads/t/asks', post('{"prompt":"When?"}'))
  return { status, lines: lines.map((line) => JSON.parse(line)) }
}

it('a question that the end of the server interrupts does not fail: it goes on after that', async () => {
  expect(await loggedOf(new CancelledError('The engine stopped', { code: 'stopped' }))).toMatchObject({
    status: 503,
    lines: [
      { level: 'info', status: 503, msg: expect.stringMatching(/asks 503: it continues when the server is back$/) },
    ],
  })
})

it('one that failed here is', async () => {
  expect(await loggedOf(new RetryableError('the disk is full', { code: 'storage' }))).toMatchObject({
    ...{ status: 507, lines: [{ level: 'error', status: 507, msg: expect.stringMatching(/asks 507$/) }] },
  })
})
