import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type AnyPhase, defineActor, loadConfig, type Phase } from 'antiphon'
import { expect, onTestFinished, test } from 'vitest'
import { z } from 'zod'
import { createRuntime, type RuntimeParts } from '../../src/index.ts'

async function open(parts: RuntimeParts) {
  const folder = await mkdtemp(join(tmpdir(), 'antiphon-parts-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const config = await loadConfig({ folder, environment: {} })
  const runtime = await createRuntime({ ...config, embedder: 'none' }, parts)
  onTestFinished(() => runtime.stop())
  return runtime
}

const parrot: Phase<'yield'> = {
  name: 'yield',
  modality: 'text',
  initial: (modality) => ({ modality, finalResponses: [], currentResponse: null }),
  async run(state, { prompt, outputs }) {
    const answer = `You said: ${prompt}`
    const citations = outputs['experience.vectors']?.hits ?? []
    return { state, output: { answer, citations, invalidCitations: [] }, text: answer, status: 'completed' }
  },
}

test("a phase of the program's own serves instead of the chain's", async () => {
  const runtime = await open({ phases: [parrot] })
  const files = [join(runtime.data, 'notes.md')]
  await writeFile(files[0]!, 'Say hello when somebody comes in.')
  expect(await runtime.threads.ask({ thread: 'main', prompt: 'hello', files })).toMatchObject({
    answer: 'You said: hello',
  })
})

test('two actors of one kind are refused before anything is opened', async () => {
  const run = defineActor({ kind: 'run', message: z.null(), initial: () => null, receive: () => ({}) })
  await expect(open({ actors: [run] })).rejects.toMatchObject({
    name: 'InvalidError',
    message: expect.stringContaining('run'),
  })
})

test.each([
  [{ ...parrot, name: 'dream' }, /"dream" is not the name of a phase/],
  [{ ...parrot, modality: 'imgae' }, /"imgae" is not the modality of phase yield/],
  [{ ...parrot, run: undefined }, /`initial` and `run` of phase yield for text/],
])('a phase that would never serve is refused before anything is opened', async (phase, message) => {
  const refused = { name: 'InvalidError', message: expect.stringMatching(message) }
  await expect(open({ phases: [phase as unknown as AnyPhase] })).rejects.toMatchObject(refused)
})
