import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Json } from '../../../../src/kernel/schema.ts'
import { defineActor } from '../../../../src/kernel/turn.ts'
import type { Actor, Envelope, Turn } from '../../../../src/kernel/types.ts'
import { chainCallback } from '../../../../src/pipeline/step/callback/chain-callback.ts'
import type { StepContext } from '../../../../src/step/call/context.ts'
import type { StepParameters } from '../../../../src/step/record/outcome.ts'
import { openWorkshop } from '../../workshop.ts'

const TEXT = `
name: x
steps:
  - id: ask
    action: chain
    parameters: { prompt: "What about {{ pipeline_id }}?", files: [a.md, b.md]OPTIONS }
POLICY
outputs: { o: "{{ ask }}", citations: "{{ ask.citations }}", status: "{{ ask.status }}" }`

/** A chain that answers as told, and what it was asked. */
function chain(answer: (message: Envelope) => Turn) {
  const asked: Envelope[] = []
  const cancelled: string[] = []
  const actor: Actor = defineActor<{ n: number }, Json>({
    kind: 'chain',
    message: z.json(),
    initial: () => ({ n: 0 }),
    receive(_state, _message, { message }) {
      asked.push(message)
      return answer(message) as Turn<{ n: number }>
    },
    notice(_state, notice, { message }) {
      if (notice.type === 'cancelled') cancelled.push(message.correlationId)
      return {}
    },
  })
  return { actor, asked, cancelled }
}

const text = (options = '', policy = '') => TEXT.replace('OPTIONS', options).replace('POLICY\n', policy)
const REPLY = { status: 'completed', answer: 'It rises [1].', citations: [{ file: 'a.md' }], cycles: 1, model: 'm' }

describe('a chain step', () => {
  test('sends its question as an ask of its own, and its answer is the result', async () => {
    const { actor, asked } = chain(() => ({ reply: REPLY }))
    const end = await openWorkshop({ actors: [actor] }).run(text())
    expect(end).toMatchObject({
      status: 'completed',
      outputs: { o: 'It rises [1].', citations: [{ file: 'a.md' }], status: 'completed' },
    })
    expect(asked).toHaveLength(1)
    expect(asked[0]).toMatchObject({
      to: { kind: 'chain', key: 'run_1.ask' },
      correlationId: expect.stringMatching(/^ask_/),
    })
    expect(asked[0]!.body).toEqual({
      type: 'ask',
      aside: true,
      payer: 'run/run_1',
      prompt: 'What about x?',
      sources: [
        { id: 'f1', kind: 'file', ref: resolve('a.md') },
        { id: 'f2', kind: 'file', ref: resolve('b.md') },
      ],
    })
    expect(end.steps.ask).toMatchObject({ attempts: 1 })
  })

  test('goes to the thread it names', async () => {
    const { actor, asked } = chain(() => ({ reply: REPLY }))
    await openWorkshop({ actors: [actor] }).run(text(', thread: notes'))
    expect(asked[0]!.to).toEqual({ kind: 'chain', key: 'notes' })
  })

  test.each(['auto', 'never'])('goes round again as it says: %s', async (mode) => {
    const { actor, asked } = chain(() => ({ reply: REPLY }))
    for (const said of [mode, `"{{ '${mode}' }}"`])
      await openWorkshop({ actors: [actor] }).run(text(`, recursion: ${said}`))
    expect(asked.map(({ body }) => body)).toMatchObject([{ recursion: mode }, { recursion: mode }])
  })

  test.each([
    ['step', { code: 'not_supported', hint: expect.stringContaining('approval-gate') }],
    ['often', { code: 'bad_value' }],
  ])('waits for no decision, and takes no other word: %s', async (mode, problem) => {
    const { actor, asked } = chain(() => ({ reply: REPLY }))
    const end = await openWorkshop({ actors: [actor] }).run(text(`, recursion: "{{ '${mode}' }}"`))
    expect(end).toMatchObject({ status: 'failed', problem: { step: 'ask', ...problem } })
    expect(asked).toEqual([])
  })

  test('names tools with the rights of its run, and none if a model chose it', async () => {
    const origin = { untrusted: true, denied: ['terminal'] } as const
    const bodyOf = async (parameters: StepParameters, run = {}) => {
      const call = { signal: new AbortController().signal, idempotencyKey: 'k', attempt: 1 }
      const start = { run: { id: 'r', startedAt: 1, ...run }, step: 's' }
      const step = { work: { type: 'chain', parameters } }
      const context = { services: {}, step, start, roots: [], call } as unknown as StepContext
      const request = await chainCallback.ask({ prompt: 'why?', ...parameters }, context)
      return 'body' in request ? request.body : request
    }
    expect(await bodyOf({ tools: ['read'], web: false })).toMatchObject({ tools: { names: ['read'] }, web: false })
    expect(await bodyOf({ tools: 'read, grep' }, origin)).toMatchObject({ tools: { names: ['read', 'grep'], origin } })
    expect(await bodyOf({ tools: ['read'] }, { chosenByModel: true })).toMatchObject({ tools: { names: [] } })
    expect(await bodyOf({})).not.toHaveProperty('tools')
    expect(await bodyOf({ share: true, priors: 'true' })).toMatchObject({ share: true, priors: true })
    expect(await bodyOf({ share: true }, { chosenByModel: true })).not.toHaveProperty('share')
    expect(await bodyOf({ share: false, priors: false })).not.toHaveProperty('share')
    await expect(bodyOf({ share: 'perhaps' })).rejects.toMatchObject({ code: 'bad_value' })
    await expect(bodyOf({ tools: 7 })).rejects.toMatchObject({ code: 'bad_value' })
  })

  test('asks of no file outside the folders it may touch', async () => {
    const { actor, asked } = chain(() => ({ reply: REPLY }))
    const end = await openWorkshop({ actors: [actor] }).run(text().replace('a.md', '/etc/passwd'))
    expect(end).toMatchObject({ status: 'failed', problem: { step: 'ask', code: 'outside_root' } })
    expect(asked).toEqual([])
  })

  test('fails with the problem of a chain that refuses', async () => {
    const { actor } = chain(() => ({
      refuse: { code: 'no_yield', name: 'TerminalError', message: 'no model', terminal: true },
    }))
    const end = await openWorkshop({ actors: [actor] }).run(text())
    expect(end).toMatchObject({ status: 'failed', problem: { step: 'ask', code: 'no_yield', message: 'no model' } })
  })

  test('waits no longer than it may, and calls its question off', async () => {
    const { actor, asked, cancelled } = chain(() => ({ state: { n: 1 } }))
    const end = await openWorkshop({ actors: [actor] }).run(text('', '    timeout: 0.01\n'))
    expect(end).toMatchObject({ status: 'failed', problem: { step: 'ask', code: 'timeout' } })
    await tick()
    expect(cancelled).toEqual([asked[0]!.correlationId])
  })

  test('is cancelled with its run, and its question with it', async () => {
    const { actor, asked, cancelled } = chain(() => ({ state: { n: 1 } }))
    const { engine, start } = openWorkshop({ actors: [actor] })
    const id = await start(text())
    while (asked.length === 0) await tick()
    await engine.cancel({ kind: 'run', key: id }, id, 'enough')
    await tick()
    await tick()
    expect(cancelled).toEqual([asked[0]!.correlationId])
    expect(await engine.view.peek({ kind: 'step', key: `${id}.ask` })).toBeUndefined()
  })
})

const tick = () => new Promise<void>((resolve) => setTimeout(resolve, 2))
