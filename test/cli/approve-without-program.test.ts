import { expect, it } from 'vitest'
import { lookForCode } from '../../src/cli/commands/answer/signal.ts'

const TITLE = 'The tool refund is code of a program, and this process does not have it.'

/** A session with a run whose step calls that tool, and what waits in the inbox at each look. */
function sessionWith(tool: string, looks: readonly (readonly object[])[]) {
  let look = 0
  const client = {
    catalogue: { tools: async () => [{ name: 'filesystem:read' }] },
    runs: {
      get: async () => ({
        steps: { call_1: { tool, status: 'running' }, ended: { tool: 'gone', status: 'completed' } },
      }),
    },
    inbox: { list: async () => looks[Math.min(look++, looks.length - 1)] },
  }
  return { session: { client } as unknown as Parameters<typeof lookForCode>[0], looks: () => look }
}

it('advises to start the program when the approved call waits for its code', async () => {
  const { session } = sessionWith('refund', [[], [{ kind: 'code', title: TITLE }]])
  expect(await (await lookForCode(session, 'run_1'))()).toBe(`${TITLE} Start the program.`)
})

it('does not wait where this process has the tool', async () => {
  const { session, looks } = sessionWith('filesystem', [[]])
  expect(await (await lookForCode(session, 'run_1'))()).toBeUndefined()
  expect(looks()).toBe(0)
})
