import { z } from 'zod'
import { defineTool } from '../../src/tool/tool.ts'

let next = Promise.withResolvers<void>()

/** Lets all steps that wait go on. */
export function tick(): void {
  next.resolve()
  next = Promise.withResolvers()
}

/** A step that waits for the next tick of the bench. */
export default defineTool({
  name: 'tick',
  description: 'Waits for the bench.',
  effect: 'pure',
  input: z.strictObject({}),
  async execute(_input, { signal }) {
    const stopped = new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    await Promise.race([next.promise, stopped])
    return {}
  },
})
