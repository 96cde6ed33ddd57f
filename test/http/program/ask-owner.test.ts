import { expect, it } from 'vitest'
import { BusyError, CancelledError, RetryableError } from '../../../src/errors.ts'
import { askOwner } from '../../../src/http/program/ask-owner.ts'
import { problemResponse } from '../../../src/http/wire/response-headers.ts'

const never = new AbortController().signal

const request = (method: string, path: string, body?: object) =>
  new Request(`http://antiphon/v1${path}`, { method, ...(body && { body: JSON.stringify(body) }) })

const ended = (cause?: unknown) => async () => {
  throw new RetryableError('it has ended', { code: 'owner_gone', cause })
}

const ask = (fetch: () => Promise<Response>, sent: Request) => askOwner({ fetch, gone: Promise.resolve() }, sent, never)

const REPEATED = [
  ['a reading', request('GET', '/runs')],
  ['a message with an id', request('POST', '/conversations/a/messages', { id: 'm1', text: 'Hi.' })],
  ['a stop', request('POST', '/conversations/a/stop', {})],
  ['an upload', request('PUT', '/pipelines/a', { text: '' })],
] as const

it.each(REPEATED)('goes on at the next owner with %s', async (_what, sent) => {
  expect(await ask(ended(), sent.clone())).toBeUndefined()
  const stopped = new CancelledError('stopped', { code: 'stopped' })
  expect(await ask(async () => problemResponse(stopped), sent.clone())).toBeUndefined()
})

it('does not repeat what may have been done and has no id', async () => {
  const tell = () => request('POST', '/goals/g/tell', { text: 'Hurry.' })
  await expect(ask(ended(), tell())).rejects.toMatchObject({ code: 'owner_gone' })
  const stopped = problemResponse(new CancelledError('stopped', { code: 'stopped' }))
  expect(await (await ask(async () => stopped, tell()))?.json()).toMatchObject({ code: 'stopped' })
  // nobody has got it
  expect(await ask(ended({ code: 'ECONNREFUSED' }), tell())).toBeUndefined()
  const leaving = problemResponse(new BusyError('it ends'))
  leaving.headers.set('connection', 'close')
  expect(await ask(async () => leaving, tell())).toBeUndefined()
})

it('passes on an owner that is only busy', async () => {
  const busy = async () => problemResponse(new BusyError('later'))
  expect((await ask(busy, request('GET', '/runs')))?.status).toBe(503)
})
