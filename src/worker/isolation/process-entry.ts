// Entry point of a worker process. It ends with its parent.
import { setPriority } from 'node:os'
import { Worker } from 'node:worker_threads'
import { answerCall } from './call.ts'
import type { ProcessRequest, ProcessResponse } from './process.ts'

const file = process.argv[2]!
// absent for a process whose memory is not bounded
const bound = process.argv[3]
const WATCH = `
  const [parent, most, every] = [${process.ppid}, ${bound ?? 'Infinity'}, ${bound === undefined ? 500 : 25}]
  const isOver = () => process.ppid !== parent || (most < Infinity && process.memoryUsage.rss() > most)
  setInterval(() => { if (isOver()) process.kill(process.pid, 'SIGKILL') }, every)`
// a signal to a group or a service reaches the parent, too, which decides what becomes of the work
if (bound !== undefined) {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {})
  // the parent goes first when there is not enough CPU for both
  setPriority(5)
}
const stops = new Map<number, AbortController>()
const listeners = new Map<number, (message: unknown) => void>()
// code of a plugin has no channel to the parent, and cannot prevent the end of this process
const { exit, send } = process
delete process.send

process.on('message', async (message: ProcessRequest) => {
  if ('off' in message) return stops.get(message.off)?.abort()
  if ('to' in message) return listeners.get(message.to)?.(message.message)
  const { call } = message
  const stop = new AbortController()
  stops.set(call.id, stop)
  const { id } = call
  const answer = await answerCall(file, call, () => stop.signal, {
    emit: (delta) => sendMessage({ id, delta }),
    hear: (listener) => void listeners.set(id, listener),
  })
  stops.delete(id)
  listeners.delete(id)
  tell({ id, answer })
})
process.on('disconnect', () => exit.call(process))
// a thread notices the end of a killed parent while the main thread computes; a module would need the main thread
new Worker(WATCH, { eval: true, resourceLimits: { codeRangeSizeMb: 8 } }).unref()

// an answer that cannot be copied still needs a reply
function tell(answered: ProcessResponse): void {
  try {
    sendMessage(answered)
  } catch (error) {
    const problem = { code: 'internal', name: 'TypeError', message: (error as Error).message }
    sendMessage({ id: answered.id, answer: { problem } })
  }
}

/** Throws for a value that cannot be copied. When the parent is gone, this process ends. */
function sendMessage(message: ProcessResponse): void {
  if (process.connected) send!.call(process, message, () => {})
}
