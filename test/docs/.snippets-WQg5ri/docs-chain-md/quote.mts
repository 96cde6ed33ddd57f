// quote.mts
import { appendFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { definePhase } from 'antiphon'

export const quote = definePhase({
  name: 'yield',
  modality: 'text',
  version: 2,
  // version 1 kept only the number
  upgrade: (state) => ({ quotes: Number(state) }),
  initial: () => ({ quotes: 0 }),
  async run({ quotes }, { outputs, prompt }, { run }) {
    const [best] = outputs['experience.vectors']?.hits ?? []
    if (!best) throw new Error('no passage fits the question')
    const sentences = best.text.split(/(?<=[.!?])\s+/)
    const [sentence = ''] = sentences.sort((one, other) => shared(other, prompt) - shared(one, prompt))
    const answer = `"${sentence}" (${basename(best.file)}, quote ${quotes + 1})`
    // a crash never repeats it
    await run('log', () => appendFile('quotes.txt', `${prompt} ${answer}\n`), { effect: 'at-most-once' })
    return {
      state: { quotes: quotes + 1 },
      output: { answer, citations: [best], invalidCitations: [] },
      text: answer,
      status: 'completed',
    }
  },
})

const words = (text: string) => new Set(text.toLowerCase().match(/\p{L}{3,}/gu))
const shared = (text: string, prompt: string) => [...words(text)].filter((word) => words(prompt).has(word)).length
