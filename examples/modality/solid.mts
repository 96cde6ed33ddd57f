// Answers questions about solids with the fact that fits best.
import { definePhase } from 'antiphon'

export const solid = definePhase({
  name: 'yield',
  modality: '3d',
  initial: () => null,
  async run(state, { outputs }) {
    const [best] = outputs['experience.vectors']?.hits ?? []
    if (!best) throw new Error('no fact of the solid fits the question')
    const answer = `Measured: ${best.text}`
    return { state, output: { answer, citations: [best], invalidCitations: [] }, text: answer, status: 'completed' }
  },
})
