import { setTimeout as sleep } from 'node:timers/promises'
import { definePhase } from '../../../src/chain/define/define-phase.ts'
import { actsIn, doIn } from './acts.ts'

/**
 * The Yield of the test: it recalls a record, calls a tool, runs code of each effect class and asks the model. It looks
 * after an at-most-once effect that a kill has cut off, as a careful user would.
 */
export const ownYield = (folder: string) =>
  definePhase({
    name: 'yield',
    modality: 'text',
    initial: () => ({ answers: 0 }),
    async run({ answers }, { outputs, prompt }, { askModel, call, recall, run }) {
      const records = await recall('What does the kiln reach?', { kinds: ['note'] })
      const stamp = await call('stamp', { text: prompt })
      const at = await run('time', () => Date.now(), { effect: 'pure' })
      const log = () => run('log', () => doIn(folder, 'log'), { effect: 'at-most-once' })
      while (!(await isDone(log)))
        if (await run('look', () => actsIn(folder).includes('log'), { effect: 'pure' })) break
      await run('keep', ({ idempotencyKey }) => sleep(1).then(() => doIn(folder, `keep ${idempotencyKey}`)), {
        effect: 'idempotent',
      })
      // the id of its run follows from this time
      await call('stamp', { text: `${at}` })
      const task = { kind: 'answer', question: prompt } as const
      const { text } = await askModel({ task, documents: [], instruction: 'Yield: answer.' })
      const citations = outputs['experience.web']?.hits ?? []
      const answer = `${text} ${records.map(({ text }) => text).join()} ${stamp}`
      return {
        state: { answers: answers + 1 },
        output: { answer, citations, invalidCitations: [] },
        text: answer,
        status: 'completed',
      }
    },
  })

/** Whether an effect took place; false: a kill has cut it off, and nobody knows. */
async function isDone(act: () => Promise<unknown>): Promise<boolean> {
  try {
    await act()
    return true
  } catch (error) {
    if ((error as { readonly code?: string }).code === 'unknown') return false
    throw error
  }
}
