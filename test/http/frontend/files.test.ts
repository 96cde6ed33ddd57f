import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { fileIdOf } from '../../../src/lib/media/file-ref.ts'
import { answer, Chat, openFrontend, post } from './served.ts'

/** The smallest picture. */
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const ID = fileIdOf(createHash('sha256').update(Buffer.from(PIXEL, 'base64')).digest('hex'))
const DATA_URL = `data:image/png;base64,${PIXEL}`
const PHOTO = { file: ID, type: 'image/png', name: 'photo.png', bytes: 70 }

it('stores the picture of a useChat message, and its model sees it', async () => {
  const server = await openFrontend([answer('A pixel.'), answer('Red.')])
  const chat = new Chat(server)
  const files = [{ type: 'file' as const, mediaType: 'image/png', filename: 'photo.png', url: DATA_URL }]
  await chat.sendMessage({ text: 'What is it?', files })
  await chat.sendMessage({ text: 'And its colour?' })
  expect(server.model.calls).toHaveLength(2)
  for (const { options } of server.model.calls)
    expect(options.prompt.flatMap(({ content }) => content as readonly object[])).toContainEqual(
      expect.objectContaining({ type: 'file', mediaType: 'image/png' }),
    )
  expect((await server.runtime.threads.get('ann:talk')).files).toEqual([PHOTO])
  const [first] = await server.client.threads.messages('talk')
  expect(first).toMatchObject({ role: 'user', files: [PHOTO] })
  expect(JSON.stringify(await server.client.threads.get('talk'))).not.toContain(PIXEL.slice(0, 40))
})

it.each([
  ['its id', ID],
  ['its address', `/v1/files/${ID}`],
  ['its whole address', `https://shop.example/ai/v1/files/${ID}`],
])('a stored file may be named by %s', async (_, url) => {
  const { base, headers, runtime } = await openFrontend([answer('A pixel.')])
  await runtime.files.add(Buffer.from(PIXEL, 'base64'), { name: 'photo.png', owner: 'ann' })
  const messages = [{ id: 'u1', role: 'user', parts: [{ type: 'file', mediaType: 'image/png', url }] }]
  const response = await post(`${base}/v1/agents/clerk/chat`, headers, { id: 'talk', messages })
  expect(response.status).toBe(200)
  await response.text()
  expect((await runtime.threads.get('ann:talk')).asks[0]).toMatchObject({ prompt: '(files)', files: [PHOTO] })
})

it('refuses a file of another owner, and an address that is not open', async () => {
  const { base, headers, runtime, model } = await openFrontend([])
  await runtime.files.add(Buffer.from(PIXEL, 'base64'), { name: 'photo.png', owner: 'bob' })
  const said = async (url: string) => {
    const messages = [
      {
        id: 'u1',
        role: 'user',
        parts: [
          { type: 'text', text: 'Look.' },
          { type: 'file', url },
        ],
      },
    ]
    return (await post(`${base}/v1/agents/clerk/chat`, headers, { id: 'talk', messages })).json()
  }
  expect(await said(ID)).toMatchObject({ status: 404, code: 'file_not_found', place: { path: 'files[0]' } })
  expect(await said('http://127.0.0.1:9/a.png')).toMatchObject({
    code: 'address_refused',
    detail: expect.stringMatching(/messages\.0\.parts\.1: the file at 127\.0\.0\.1:9 was not fetched: /),
  })
  expect(await runtime.threads.list()).toEqual([])
  expect(model.calls).toEqual([])
})

it('gives the files of an AG-UI run back as addresses', async () => {
  const { base, headers, runtime } = await openFrontend([answer('A pixel.')])
  const source = { type: 'data', value: PIXEL, mimeType: 'image/png' }
  const content = [
    { type: 'text', text: 'What is it?' },
    { type: 'image', source },
    { type: 'binary', mimeType: 'image/png', data: PIXEL },
  ]
  const known = { id: 'ann:talk.m1.1', role: 'assistant', content: 'Half' }
  const run = { threadId: 'talk', runId: 'r1', messages: [{ id: 'u1', role: 'user', content }] }
  const first = await (await post(`${base}/v1/agents/clerk/ag-ui`, headers, run)).text()
  expect(first).toContain('RUN_FINISHED')
  const again = { ...run, messages: [...run.messages, known] }
  const snapshot = await (await post(`${base}/v1/agents/clerk/ag-ui`, headers, again)).text()
  expect(snapshot).toContain('MESSAGES_SNAPSHOT')
  expect(snapshot).toContain(`/v1/files/${ID}`)
  expect(snapshot).not.toContain(PIXEL.slice(0, 40))
  expect((await runtime.threads.get('ann:talk')).asks[0]!.files).toMatchObject([{ file: ID }])
})
