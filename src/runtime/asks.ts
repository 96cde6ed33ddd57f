import { randomUUID } from 'node:crypto'
import { resolve } from 'node:path'
import type { AskReply } from '../chain/ask.ts'
import type { Engine, Numbered } from '../engine/engine.ts'
import type { Answer, Runtime } from '../runtime.ts'
import type { Activity } from './activity.ts'

type Parts = { readonly engine: Engine; readonly activity: Activity }
type Asks = Pick<Runtime, 'ask' | 'askEvents'>

/** What a runtime does with questions. */
export function runtimeAsks({ engine, activity }: Parts): Asks {
  return {
    async ask({ prompt, thread, files = [], id = `ask_${randomUUID()}` }, { signal } = {}): Promise<Answer> {
      const sources = files.map((path, index) => ({ id: `f${index + 1}`, kind: 'file', ref: resolve(path) }))
      const body = { type: 'ask', prompt, sources }
      // the work goes on when this asker leaves, so it is tracked by an asker of its own
      const answered = engine.ask(chainRef(thread), body, { id, correlationId: id })
      activity.track(id, answered)
      const reply = await (signal ? engine.ask(chainRef(thread), body, { id, correlationId: id, signal }) : answered)
      const { status, answer, citations, degraded, model } = reply as unknown as AskReply
      return { id, thread, status, answer, citations, degraded, model }
    },
    async *askEvents(thread, id, { after = 0, signal } = {}): AsyncGenerator<Numbered> {
      for await (const event of engine.view.events(chainRef(thread), { after, ...(signal && { signal }) })) {
        if (event.correlationId !== id) continue
        yield event
        if ((event.body as { type: string }).type === 'ask-end') return
      }
    },
  }
}

export const isAsk = (id: string) => id.startsWith('ask_')

/** Takes up what an earlier process left of an ask. */
export async function resumeAsk(engine: Engine, id: string): Promise<void> {
  await engine.start({ only: id })
}

const chainRef = (thread: string) => ({ kind: 'chain', key: thread })
