import { expect, expectTypeOf, it } from 'vitest'
import type { z } from 'zod'
import type { KEYS, LINKS } from '../../src/access/room/contract.ts'
import type { KeyRequest, LinkRequest } from '../../src/access/room/port.ts'
import type { CONVERSATIONS } from '../../src/agent/room/conversation/contract.ts'
import type { MessageRequest, WaitOptions } from '../../src/agent/room/conversation/port.ts'
import { GOALS } from '../../src/agent/room/goals/contract.ts'
import type { GoalRequest } from '../../src/agent/room/goals/port.ts'
import type { ToolCallOptions } from '../../src/calls/room/port.ts'
import type { TOOLS } from '../../src/contract/catalogue.ts'
import { RUNS } from '../../src/run/room/contract.ts'
import type { ForkRequest, RunRequest } from '../../src/run/room/port.ts'
import type { ASKS } from '../../src/thread/room/asks-contract.ts'
import type { AskRequest } from '../../src/thread/room/port.ts'

type FieldsOf<T> = T extends unknown ? keyof T : never
type BodyOf<D extends { readonly body: z.core.$ZodType }> = FieldsOf<z.input<D['body']>>
/** The fields of a request without those that the server sets from the key of the caller, and without `More`, which a path or a header holds. */
type Without<T, More extends string = never> = Exclude<FieldsOf<T>, 'owner' | 'trusted' | 'offered' | 'agents' | More>

it('a request over HTTP has the fields of the request in a program, apart from those that a path, a header or the server sets', () => {
  expectTypeOf<BodyOf<(typeof RUNS)['runs.start']>>().toEqualTypeOf<Without<RunRequest>>()
  expectTypeOf<BodyOf<(typeof RUNS)['runs.fork']>>().toEqualTypeOf<Without<ForkRequest>>()
  expectTypeOf<BodyOf<(typeof ASKS)['threads.ask']>>().toEqualTypeOf<Without<AskRequest, 'thread'>>()
  expectTypeOf<BodyOf<(typeof GOALS)['goals.start']>>().toEqualTypeOf<Without<GoalRequest, 'agent'>>()
  expectTypeOf<BodyOf<(typeof CONVERSATIONS)['conversations.post']>>().toEqualTypeOf<
    Without<MessageRequest, 'conversation'> | 'wait' | Exclude<keyof WaitOptions, 'signal'>
  >()
  expectTypeOf<BodyOf<(typeof TOOLS)['tools.call']>>().toEqualTypeOf<Without<ToolCallOptions> | 'calls'>()
  expectTypeOf<BodyOf<(typeof KEYS)['access.keys.create']>>().toEqualTypeOf<Exclude<FieldsOf<KeyRequest>, 'id'>>()
  expectTypeOf<BodyOf<(typeof LINKS)['access.links.create']>>().toEqualTypeOf<Without<LinkRequest, 'id' | 'run'>>()
  // the compiler checks the lines above; a name that is gone would make them compare nothing
  for (const described of [RUNS['runs.start'], RUNS['runs.fork'], GOALS['goals.start']])
    expect(described.body).toBeDefined()
})
