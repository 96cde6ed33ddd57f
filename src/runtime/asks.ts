import { randomUUID } from 'node:crypto'
import { resolve } from 'node:path'
import type { AskReply } from '../chain/ask.ts'
import type { Engine } from '../engine/engine.ts'
import { type AntiphonError, InvalidError } from '../errors.ts'
import { ownerField } from '../owner.ts'
import type { Answer, Runtime } from '../runtime.ts'
import type { Activity } from './activity.ts'
import { readConversations } from './conversations.ts'
import { chainRef, type Threads } from './threads.ts'

type Parts = { readonly engine: Engine; readonly activity: Activity; readonly threads: Threads }
type Reads = 'threads' | 'thread' | 'messages' | 'askDocument'
type Asks = Pick<Runtime, 'openThread' | 'ask' | 'startAsk' | 'cancelAsk' | 'askEvents' | 'ownerOfThread' | Reads>

/** What a runtime does with questions. */
export function runtimeAsks({ engine, activity, threads }: Parts): Asks {
  const { askEvents, ownerOfThread, takeUp } = threads
  const { numberOf, ...reads } = readConversations(engine)

  const ask: Runtime['ask'] = async (request, { signal } = {}): Promise<Answer> => {
    const { prompt, thread, files = [], models, owner, id = newId() } = request
    await takeUp(thread)
    const sources = files.map((path, index) => ({ id: `f${index + 1}`, kind: 'file', ref: resolve(path) }))
    const body = { type: 'ask', prompt, sources, ...(models && { models }), ...ownerField(owner) }
    // the work goes on when this asker leaves, so it is tracked by an asker of its own
    const answered = engine.ask(chainRef(thread), body, { id, correlationId: id })
    activity.track(id, answered)
    threads.noteAsk(thread, owner, answered)
    const reply = await (signal ? engine.ask(chainRef(thread), body, { id, correlationId: id, signal }) : answered)
    const { status, answer, citations, degraded, model } = reply as unknown as AskReply
    return { id, thread, status, answer, citations, degraded, model }
  }

  async function untilTaken(thread: string, id: string, signal: AbortSignal): Promise<void> {
    for await (const _ of askEvents(thread, id, { signal })) return
  }

  return {
    ...reads,
    async openThread({ id, name, owner }) {
      await engine.ask(chainRef(id), { type: 'open', ...(name !== undefined && { name }), ...ownerField(owner) })
    },
    ask,
    async startAsk({ id = newId(), ...request }) {
      const answered = ask({ ...request, id })
      const over = new AbortController()
      try {
        await Promise.race([answered, untilTaken(request.thread, id, over.signal)])
      } catch (error) {
        const isTaken = (await numberOf(request.thread, id)) !== undefined
        // one that was taken and has failed was begun all the same
        if (!isTaken || (error as AntiphonError).code === 'id_taken') throw error
      } finally {
        over.abort()
        // it tells by its events how it ends
        answered.catch(() => {})
      }
      return { id }
    },
    async cancelAsk(thread, id, reason) {
      const { status } = await reads.askDocument(thread, id)
      if (status !== 'queued' && status !== 'running') throw tooLate(id, status)
      await engine.cancel(chainRef(thread), id, reason)
    },
    askEvents,
    ownerOfThread,
  }
}

const newId = () => `ask_${randomUUID()}`

function tooLate(id: string, status: string): InvalidError {
  return new InvalidError(`the ask ${id} is over: it is ${status}`, { code: 'ask_over' })
}
