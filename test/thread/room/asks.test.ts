import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { type Config, loadConfig } from '../../../src/config/config.ts'
import { createApp } from '../../../src/http/server/app.ts'
import { problemResponse } from '../../../src/http/wire/response-headers.ts'
import type { Json } from '../../../src/kernel/schema.ts'
import { createRuntime, type Runtime } from '../../../src/runtime/open/create-runtime.ts'
import { post } from '../../http/bench.ts'

async function openFolder(): Promise<{ readonly notes: string; open(more?: Partial<Config>): Promise<Runtime> }> {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-asks-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const notes = join(folder, 'notes.md')
  await writeFile(notes, '# Ship\n\nThe ship leaves the harbour at noon.\n')
  const config = await loadConfig({ folder, environment: {} })
  const open = async (more?: Partial<Config>) => {
    const runtime = await createRuntime({ ...config, embedder: 'none', ...more })
    onTestFinished(() => runtime.stop())
    return runtime
  }
  return { notes, open }
}

const QUESTION = 'When does the ship leave the harbour?'

test('an answer cites file and line; the same question with the same id gets it after a restart', async () => {
  const { notes, open } = await openFolder()
  const asked = { id: 'ask_1', thread: 'main', prompt: QUESTION }
  const request = { ...asked, files: [join(dirname(notes), '*.md')] }
  const first = await open()
  const answer = await first.threads.ask(request)
  expect(answer).toMatchObject({ status: 'completed', citations: [{ file: notes, line: 3 }] })
  await first.stop()
  await rm(notes)
  const second = await open()
  expect(await second.threads.ask(request)).toEqual(answer)
  // what follows a question names it by its prompt and its id
  expect(await second.threads.ask(asked)).toEqual(answer)
  await expect(second.threads.ask({ ...request, id: 'ask_2' })).rejects.toThrow('No file matches')
  const taken = (more: object) => expect(second.threads.ask({ ...request, ...more })).rejects
  await taken({ prompt: 'Who?' }).toMatchObject({
    code: 'id_taken',
    message: expect.stringContaining('another question'),
  })
  await taken({ checks: ['cited'] }).toMatchObject({
    code: 'id_taken',
    message: expect.stringContaining('other options'),
  })
  await taken({ files: [notes] }).toMatchObject({ code: 'id_taken' })
  // of three that come at once, one is asked
  const texts = [{ name: 'notes.md', text: 'The ship leaves the harbour at noon.' }]
  const [whole, other] = [{ ...asked, texts, id: 'once' }, { prompt: 'Who is the captain?' }]
  const all = [whole, { ...whole, ...other }, { ...whole, quick: true as const }]
  const ends = (asks: readonly Promise<unknown>[]) =>
    Promise.all(asks.map((one) => one.then(() => 'taken').catch(({ code }) => code)))
  const mixed = ['id_taken', 'id_taken', 'taken']
  expect((await ends(all.map((one) => second.threads.startAsk({ ...one, id: 'at-once' })))).sort()).toEqual(mixed)
  expect(await ends([whole, { ...whole, ...other }].map((one) => second.threads.ask(one)))).toContain('id_taken')
  // a question without an id of its caller has no digest of its options
  const old = { ...request, id: 'old', prompt: 'Why?' }
  const body = { type: 'ask', prompt: old.prompt }
  await second.engine.ask({ kind: 'chain', key: 'main' }, body, { id: 'old', correlationId: 'old' }).catch(() => {})
  await expect(second.threads.ask({ ...old, quick: true })).rejects.toMatchObject({ code: 'refused' })
})

test('a question is answered from texts: other inputs are reported, and without texts it is not begun', async () => {
  const { notes, open } = await openFolder()
  const [photo, odd] = ['photo.png', 'odd'].map((name) => join(dirname(notes), name)) as [string, string]
  await writeFile(photo, '\x89PNG\r\n', 'latin1')
  await writeFile(odd, 'a\0b')
  const runtime = await open()
  const { status, degraded } = await runtime.threads.ask({
    thread: 'main',
    prompt: QUESTION,
    files: [notes, photo, odd],
  })
  expect(status).toBe('completed')
  const [reason] = degraded.map((one) => one.reason)
  expect(reason).toContain(`${photo}: it is damaged: its header has no size`)
  expect(reason).toContain(`${odd}: it is not a text file`)
  const refused = { code: 'not_supported', name: 'InvalidError', hint: expect.stringContaining('JPEG') }
  await expect(
    runtime.threads.ask({ thread: 'other', prompt: QUESTION, files: [photo.replace('.png', '.heic')] }),
  ).rejects.toMatchObject(refused)
  expect((await runtime.threads.list()).map(({ id }) => id)).toEqual(['main'])
})

test('a question that was interrupted is finished before the next one on its thread', async () => {
  const { notes, open } = await openFolder()
  const first = await open()
  const interrupted = first.threads.ask({ id: 'ask_1', thread: 'main', prompt: QUESTION, files: [notes] })
  interrupted.catch(() => {})
  for await (const _ of first.threads.askEvents('main', 'ask_1')) break
  await first.stop({ grace: 0 })
  const error = await interrupted.catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'stopped' })
  const { status, headers } = problemResponse(error)
  expect([status, headers.get('retry-after')]).toEqual([503, '1'])
  const second = await open()
  expect(await second.threads.ask({ id: 'ask_2', thread: 'main', prompt: QUESTION, files: [notes] })).toMatchObject({
    status: 'completed',
  })
  expect(await second.threads.ask({ id: 'ask_1', thread: 'main', prompt: QUESTION, files: [notes] })).toMatchObject({
    status: 'completed',
  })
  await second.idle()
  expect(second.status().active).toEqual([])
})

test('a thread remembers what was said', async () => {
  const { notes, open } = await openFolder()
  const runtime = await open()
  await runtime.threads.ask({ thread: 'main', prompt: QUESTION, files: [notes] })
  expect(await runtime.threads.ask({ thread: 'main', prompt: 'When does the ship leave?' })).toMatchObject({
    answer: expect.stringContaining('noon'),
  })
})

test('its modality and domain choose phases and pools, its models who answers', async () => {
  const { notes, open } = await openFolder()
  const runtime = await open({ pools: { text_experience_medical_pool: { max: 2 } } })
  const about = { modality: 'code', domain: 'medical', models: { default: ['offline/extractive'] } }
  await runtime.threads.ask({ id: 'ask_1', thread: 'main', prompt: QUESTION, files: [notes], ...about })
  const lookedUp: Json[] = []
  for await (const [name, part] of runtime.engine.view.parts({ kind: 'chain', key: 'main' }))
    if (name === 'ask/1') lookedUp.push(part)
  expect(JSON.stringify(lookedUp)).toContain('code_action_medical_pool')
  for (const wrong of [
    { modality: 'smell' },
    { domain: 'a b' },
    { domain: 'medcal' },
    { models: { sleep: 'offline/extractive' } },
  ])
    await expect(runtime.threads.ask({ thread: 'other', prompt: QUESTION, ...wrong })).rejects.toThrow(
      /smell|a b|medcal|sleep/,
    )
})

test('a model that is unknown is refused before anything begins, and one whose key is missing is not', async () => {
  const { open } = await openFolder()
  const runtime = await open()
  const asked = { id: 'ask_1', thread: 'main', prompt: QUESTION }
  const models = { default: 'ofline/extractive' }
  const refused = {
    code: 'no_eligible_model',
    message: '`models.default`: There is no model ofline/extractive.',
    hint: expect.stringContaining('Did you mean offline?'),
    place: { path: 'models.default' },
  }
  for (const ask of [runtime.threads.ask, runtime.threads.startAsk])
    await expect(ask({ ...asked, models })).rejects.toMatchObject(refused)
  // a substitute is checked, too
  const yields = { yield: ['offline/extractive', 'nobody'] }
  await expect(runtime.threads.ask({ ...asked, models: yields })).rejects.toMatchObject({
    place: { path: 'models.yield' },
  })
  const app = createApp(runtime as Parameters<typeof createApp>[0])
  const overHttp = await app.request('/v1/threads/main/asks', post(JSON.stringify({ prompt: QUESTION, models })))
  expect([overHttp.status, await overHttp.json()]).toEqual([
    ...[400, expect.objectContaining({ code: 'no_eligible_model', detail: refused.message })],
  ])
  expect(await runtime.threads.list()).toEqual([])
  expect(await runtime.engine.view.asked('ask_1')).toBeUndefined()
  // the id is free, and a key may come while the ask is there
  const begun = runtime.threads.ask({ ...asked, models: { default: 'openai/gpt-5' } })
  await expect(begun).rejects.toMatchObject({ code: 'model_unauthorized' })
  expect(await runtime.threads.getAsk('main', 'ask_1')).toMatchObject({ id: 'ask_1' })
})
