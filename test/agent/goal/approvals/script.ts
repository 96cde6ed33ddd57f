import type { ScriptedTurn } from '../../../../src/testing/scripted-model.ts'

export const GOAL = 'g'

const usage = { input: 10, output: 1 }

/** A call that waits for a person. Once it has a result, the model answers: also in another process. */
export const SCRIPT: readonly ScriptedTurn[] = [
  {
    match: (prompt) => !prompt.includes('size'),
    calls: [{ name: 'filesystem_append', input: { path: 'log.txt', content: 'x' } }],
    usage,
  },
  { reply: 'done', usage },
]
