import { expect, it, vi } from 'vitest'
import { z } from 'zod'
import { guardTool } from '../../../src/tool/plugin/guard.ts'
import { type CallContext, defineTool } from '../../../src/tool/tool.ts'

it('a call that an error has failed stays failed: its later errors are reported, and its result is not checked', async () => {
  const abortAndContinue = () => {
    try {
      process.abort()
    } catch {
      // code of a plugin may catch anything
    }
  }
  const check = vi.fn(() => true)
  const mine = defineTool({
    name: 'mine',
    description: 'Aborts twice, and returns a result',
    effect: 'pure',
    input: z.object({}),
    output: z.object({}).refine(check),
    async execute() {
      abortAndContinue()
      await Promise.resolve()
      abortAndContinue()
      return {}
    },
  })
  const tellLate = vi.fn()
  const call = guardTool(mine).execute({}, { tellLate } as Partial<CallContext> as CallContext)
  await expect(call).rejects.toThrow('mine called process.abort()')
  // the result of the tool comes after this turn
  await new Promise((resolve) => setImmediate(resolve))
  expect(tellLate.mock.calls).toEqual([['an error came after the call of mine had ended: mine called process.abort()']])
  expect(check).not.toHaveBeenCalled()
})
