import { writeFileSync } from 'node:fs'
import { expect, it, onTestFinished } from 'vitest'
import type { AnyPhase, Phase } from '../../src/chain/protocol/phase.ts'
import { useMock } from '../model/mock.ts'
import { wavOf } from '../model/wav.ts'
import { openFolder } from '../runtime/inspect/folder.ts'

const server = useMock()
const { mock } = server
const segment = (id: number, text: string, start: number, end: number) => ({
  ...{ id, seek: 0, start, end, text, tokens: [], temperature: 0 },
  ...{ avg_logprob: 0, compression_ratio: 1, no_speech_prob: 0 },
})
const SEGMENTS = [segment(0, 'Welcome to the pier.', 0, 2), segment(1, 'The concert begins at eight.', 12.4, 15)]

/** A folder with a recording, and a model that transcribes it. */
async function openEars(
  models = '[{ id: lab/ears, capabilities: [transcription], cost: { minute: 1 } }]',
  hears = true,
  phases: readonly AnyPhase[] = [],
) {
  const text = SEGMENTS.map((one) => one.text).join(' ')
  if (hears) mock.onTranscription({ transcription: { text, duration: 60, segments: SEGMENTS } })
  const folder = openFolder()
  writeFileSync(folder.path('call.wav'), wavOf(480_000))
  const provider = `providers: { lab: { type: openai, baseURL: '${server.url}/v1', keyEnv: SOUND_KEY } }`
  folder.write('antiphon.yaml', `${provider}\nmodel: offline/extractive\npaidModels: true\nmodels: ${models}\n`)
  const runtime = await folder.open([], phases, { SOUND_KEY: 'sk-sound-key' })
  onTestFinished(() => runtime.stop())
  const ask = (thread: string, prompt: string, budget?: number) =>
    runtime.threads.ask({ thread, prompt, files: [folder.path('call.wav')], ...(budget !== undefined && { budget }) })
  return { runtime, ask, path: folder.path('call.wav') }
}

it('speech is cited at its time, transcribed once for all questions, and paid by the first', async () => {
  const { runtime, ask } = await openEars()
  const answer = await ask('a', 'When does the concert begin?', 5)
  expect(answer.answer).toContain('The concert begins at eight.')
  expect(answer.citations[0]).toMatchObject({ at: 't=12.4,15' })
  expect(answer.degraded).toEqual([])
  expect(await runtime.budgets.get('thread/a')).toMatchObject({ spent: 1, calls: 1 })
  expect((await ask('b', 'Where are we welcome?')).answer).toContain('the pier')
  expect(mock.getRequests()).toHaveLength(1)
})

it('a model that fails leaves the rest of the recording, and the answer says so', async () => {
  const { ask } = await openEars(undefined, false)
  const { answer, degraded } = await ask('a', 'How long is the recording?')
  expect(answer).toContain('60 seconds')
  expect(degraded.map(({ reason }) => reason).join()).toContain(
    'speech in call.wav was not read: Model lab/ears failed',
  )
})

it('without a model that transcribes, the answer says that speech was not read', async () => {
  const { ask } = await openEars('[]')
  const { answer, degraded } = await ask('a', 'How long is the recording?')
  expect(answer).toContain('60 seconds')
  expect(degraded.map(({ reason }) => reason).join()).toContain(
    'speech in call.wav was not read: No model here transcribes',
  )
  expect(mock.getRequests()).toEqual([])
})

it('a phase of your own gets the facts and texts of the files, with their places', async () => {
  const got: unknown[] = []
  const own: Phase<'yield'> = {
    name: 'yield',
    modality: 'audio',
    initial: (modality) => ({ modality, finalResponses: [], currentResponse: null }),
    async run(state, { outputs }, context) {
      got.push(...(await context.files()))
      const citations = outputs['experience.vectors']?.hits ?? []
      return { state, output: { answer: 'read', citations, invalidCitations: [] }, text: 'read', status: 'completed' }
    },
  }
  const { ask, path } = await openEars('[]', false, [own])
  expect((await ask('a', 'How long is the recording?')).answer).toBe('read')
  expect(got).toMatchObject([
    { name: 'call.wav', type: 'audio/wav', path, text: expect.stringContaining('60 seconds'), gaps: [] },
  ])
  expect(got[0]).toMatchObject({
    passages: expect.arrayContaining([{ text: expect.stringContaining('60 seconds'), at: 't=0,60' }]),
  })
})
