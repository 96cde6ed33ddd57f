import { expect, it } from 'vitest'
import { z } from 'zod'
import { RetryableError } from '../../src/errors.ts'
import { defineActor, supervisorActor } from '../../src/index.ts'
import type { Actor } from '../../src/kernel/types.ts'
import { simulatedClock } from '../../src/testing/clock.ts'
import { until } from '../../src/testing/until.ts'
import { openGoals } from '../agent/goal/folder.ts'

const open = (actors: readonly Actor[], clock = simulatedClock()) => openGoals([], '', { actors, clock })

it('idle waits for an actor that pauses before it tries again, and not for its timers', async () => {
  const clock = simulatedClock()
  let tries = 0
  const eager = defineActor<string, null>({
    kind: 'eager',
    message: z.null(),
    initial: () => '',
    async receive(_, __, effects) {
      const act = () => {
        if (++tries === 1) throw new RetryableError('not yet', { delay: 60_000 })
        return 'done'
      }
      return { state: await effects.run('act', act), timers: { later: { delay: 3_600_000, body: null } } }
    },
  })
  const { runtime } = await open([eager], clock)
  const of = { kind: 'eager', key: 'a' }
  await runtime.engine.tell(of, null)
  let isIdle = false
  const idle = runtime.idle().then(() => {
    isIdle = true
  })
  await until(() => tries === 1)
  await clock.advance(59_999)
  expect([isIdle, tries]).toEqual([false, 1])
  await clock.advance(1)
  await idle
  expect(await runtime.engine.view.peek(of)).toBe('done')
})

it('idle waits for a child that its supervisor starts again', async () => {
  const reader = defineActor<{ readonly lives: number }, { readonly type: 'begin' | 'stumble' }>({
    kind: 'reader',
    message: z.object({ type: z.enum(['begin', 'stumble']) }),
    initial: () => ({ lives: 0 }),
    receive(state, { type }) {
      if (type === 'begin') return { state: { lives: state.lives + 1 } }
      return { escalate: { code: 'stumbled', name: 'TerminalError', message: 'it stumbled' } }
    },
  })
  const { runtime } = await open([supervisorActor(), reader])
  const mail = { kind: 'reader', key: 'mail' }
  const children = [{ actor: mail, start: { type: 'begin' } }]
  await runtime.engine.ask({ kind: 'supervisor', key: 'team' }, { type: 'start', strategy: 'one-for-one', children })
  await runtime.engine.tell(mail, { type: 'stumble' })
  await runtime.idle()
  expect(await runtime.engine.view.peek(mail)).toEqual({ lives: 2 })
})
