// Entry point of a worker process. It ends with its parent.
import { answerCall } from './call.ts'
import type { ProcessRequest, ProcessResponse } from './process.ts'

const file = process.argv[2]!
const stops = new Map<number, AbortController>()

process.on('message', async (told: ProcessRequest) => {
  if ('off' in told) return stops.get(told.off)?.abort()
  const { call } = told
  const stop = new AbortController()
  stops.set(call.id, stop)
  const answer = await answerCall(file, call, () => stop.signal)
  stops.delete(call.id)
  tell({ id: call.id, answer })
})
process.on('disconnect', () => process.exit())

// an answer that cannot be copied still needs a reply
function tell(answered: ProcessResponse): void {
  try {
    process.send?.(answered)
  } catch (error) {
    const problem = { code: 'internal', name: 'TypeError', message: (error as Error).message }
    process.send?.({ id: answered.id, answer: { problem } } satisfies ProcessResponse)
  }
}
