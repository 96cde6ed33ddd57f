/**
 * The types of a phase of one's own as a user meets them. Nothing here runs. Each line below `@ts-expect-error` is wrong, and must not compile.
 */
import { definePhase } from 'antiphon'

export const quote = definePhase({
  name: 'yield',
  modality: 'text',
  domain: 'legal',
  version: 2,
  initial: () => ({ quotes: 0 }),
  async run({ quotes }, { prompt, outputs }, { run, recall, call, askModel, retrieve, offline }) {
    const [hit] = outputs['experience.vectors']?.hits ?? []
    const found: string[] = (await recall(prompt, { kinds: ['note'], space: 'work' })).map(({ text }) => text)
    const length: number = await run('count', () => prompt.length, { effect: 'pure' })
    // @ts-expect-error the effect of code of one's own is always stated
    await run('count', () => prompt.length)
    // @ts-expect-error there is no such effect
    await run('count', () => prompt.length, { effect: 'once' })
    await call('word-count', { text: prompt })
    await retrieve(prompt)
    if (!offline) await askModel({ task: { kind: 'answer', question: prompt }, documents: [], instruction: '' })
    // @ts-expect-error the prompt of a user is never changed
    outputs.action = { response: '', confidence: 1 }
    return {
      state: { quotes: quotes + length },
      output: { answer: found.join(), citations: hit ? [hit] : [], invalidCitations: [] },
      text: '',
      status: 'completed',
    }
  },
})

definePhase({
  name: 'action',
  modality: 'text',
  initial: () => null,
  // @ts-expect-error Action returns a response and a confidence
  run: async (state) => ({ state, output: { answer: '' }, text: '', status: 'completed' }),
})

definePhase({
  name: 'observation',
  modality: 'default',
  // @ts-expect-error the first state has another shape than the next one
  initial: () => ({ seen: 0 }),
  run: async () => ({
    state: { sen: 1 },
    output: { observations: [], connections: [] },
    text: '',
    status: 'completed',
  }),
})

// @ts-expect-error there is no such phase
definePhase({ name: 'yeild', modality: 'text', initial: () => null, run: async () => ({}) })
