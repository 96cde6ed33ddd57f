import { expect, it } from 'vitest'
import { maxTokensIn, maxUsage } from '../../../src/model/cost/cost-ceiling.ts'
import { compileForm } from '../../../src/model/prompt/prompt-form.ts'
import type { InputFile } from '../../../src/model/prompt/task.ts'
import { createModels } from '../../../src/model/registry.ts'
import type { Offers } from '../../../src/worker/capabilities.ts'

const request = { task: { kind: 'write' }, documents: [], instruction: 'What is it?' } as const
const inputOf = (files: readonly InputFile[]) => maxUsage({ ...request, files }).usage.input
const tokensOf = (mediaType: string, bytes: number) =>
  inputOf([{ mediaType, data: Buffer.alloc(bytes, 'A').toString('base64') }]) - inputOf([]) - maxTokensIn(mediaType)

it('an image is what its provider makes of it at most, however many bytes it has', () => {
  expect(tokensOf('image/png', 300)).toBe(5_000)
  expect(tokensOf('image/png', 3_000_000)).toBe(5_000)
  const finest = maxUsage({ ...request, files: [{ mediaType: 'image/png', data: '' }] }, undefined, {
    model: 'lab/gpt-4o-mini',
  })
  expect(finest.usage.input - inputOf([])).toBeGreaterThan(50_000)
})

it('other files are their bytes, and not the base64 of them', () => {
  expect(tokensOf('audio/mpeg', 1_600_000)).toBe(100_000)
  expect(tokensOf('video/mp4', 3_200_000)).toBe(100_000)
  expect(tokensOf('application/pdf', 300_000)).toBe(150_000)
  expect(tokensOf('application/pdf', 3_000_000)).toBe(500_000)
})

it('a reference counts wherever it stands, and as a line if the model does not take its kind', () => {
  const photo = { file: `file_${'a'.repeat(64)}`, type: 'image/png', name: 'photo.png', bytes: 3_000_000 }
  const results = [{ id: 'c', name: 'look', output: 'done', files: [photo] }]
  const rounds = [{ told: [{ text: 'Look.', files: [photo] }], said: [], results }]
  const countOf = (offers?: Offers) =>
    maxUsage({ ...request, files: [photo], rounds }, undefined, { ...(offers && { offers }) }).usage.input
  expect(countOf() - countOf({ modalities: ['text'] })).toBe(15_000)
  expect(countOf({ vision: true })).toBe(countOf())
  expect(countOf({ modalities: ['text'] }) - inputOf([])).toBeLessThan(1_000)
})

it('a file that is a text counts as the document that it becomes', () => {
  const text = 'The tide comes at six. '.repeat(50)
  const file = { name: 'tide.md', mediaType: 'text/markdown', data: Buffer.from(text).toString('base64') }
  const asDocument = maxUsage({ ...request, documents: [{ name: 'tide.md', text }] }).usage.input
  expect(inputOf([file])).toBe(asDocument)
  expect(asDocument - inputOf([])).toBeGreaterThan(text.length / 2)
})

it('the words of a form count: its own, and those that it repeats', () => {
  const told = 'Mind the moon. '.repeat(100)
  const form = compileForm({ prompt: `${told}{{ prompt }}{{ prompt }}`, system: told })
  const [usual, own] = [maxUsage(request), maxUsage(request, form)].map(({ usage }) => usage.input)
  expect(own! - usual!).toBeGreaterThan(told.length)
})

it('the form of a call is the one that is asked for, else that of its model', async () => {
  const models = createModels(
    { embedder: 'none', models: [{ id: 'lab/one', form: { prompt: 'Own: {{ prompt }}' } }] },
    {},
  )
  const promptOf = async (asked: Parameters<typeof models.formOf>[0]) =>
    (await models.formOf(asked))?.render({ ...request, instruction: 'go' }).prompt
  expect(await promptOf({ model: 'lab/one' })).toBe('Own: go')
  expect(await promptOf({ model: 'lab/one', form: { prompt: 'Asked: {{ prompt }}' } })).toBe('Asked: go')
  expect(await promptOf({})).toBeUndefined()
})
