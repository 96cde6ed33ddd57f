import { parentPort, workerData } from 'node:worker_threads'
import { type Problem, problemOf } from '../../../errors.ts'
import type { ServerAddress } from '../server/line.ts'
import { type MemoryCall, openWork, type StoreWork } from './work.ts'

/** The reply to a call, or to opening the file (number 0). `result` is absent for an owner without records. */
export type MemoryReply = { readonly call: number; readonly problem?: Problem; readonly result?: unknown }

function begin(port: NonNullable<typeof parentPort>): void {
  const { place, role } = workerData as { readonly place: string | ServerAddress; readonly role: 'write' | 'read' }
  const reply = (message: MemoryReply) => port.postMessage(message)
  const refuse = (call: number) => (error: unknown) => reply({ call, problem: problemOf(error) })
  let work: StoreWork
  try {
    work = openWork(place, role)
  } catch (error) {
    refuse(0)(error)
    return
  }
  reply({ call: 0 })
  port.on('message', (message: { readonly call: number; readonly given: MemoryCall } | null) => {
    if (!message) return void work.close().then(() => port.close())
    const { call, given } = message
    void work.call(given).then((result) => reply({ call, result }), refuse(call))
  })
}

if (parentPort) begin(parentPort)
