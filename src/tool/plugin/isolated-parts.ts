import { errorOf, type Problem, problemOf, UnknownError } from '../../errors.ts'
import type { Json } from '../../kernel/json.ts'
import type { EffectClass } from '../../kernel/types.ts'
import { wrongPart } from '../once/call-parts.ts'
import { keepResult } from '../once/check-json.ts'
import type { Once, OnceOptions } from '../once/once.ts'
import { problemOfEnd } from '../once/unknown-end.ts'

/** A message of the process of a tool about a part of its call: it wants to do one, or has done its work. */
export type PartFromProcess =
  | { readonly part: number; readonly name: string; readonly options: OnceOptions | undefined }
  | ({ readonly acted: number } & Outcome)

/** A message to the process: it does the work of a part now, or gets the record of it. */
export type PartToProcess =
  | { readonly act: number; readonly idempotencyKey: string }
  | ({ readonly ended: number } & Outcome)

type Outcome = { readonly value: Json } | { readonly problem: Problem }

/** The parts of one call whose tool runs in a process. The records are here, the process only does the work. */
export type PartsOfProcess = {
  hear(message: PartFromProcess, reply: (message: PartToProcess) => void): void
  /** The call has ended. A part that still works may have taken place. */
  end(): void
}

export function partsOfProcess(once: Once | undefined): PartsOfProcess {
  const working = new Map<number, PromiseWithResolvers<Json>>()

  function begin(id: number, idempotencyKey: string, reply: (message: PartToProcess) => void): Promise<Json> {
    const work = Promise.withResolvers<Json>()
    working.set(id, work)
    reply({ act: id, idempotencyKey })
    return work.promise
  }

  return {
    hear(message, reply) {
      if ('acted' in message) {
        const work = working.get(message.acted)
        working.delete(message.acted)
        return settle(work, message)
      }
      const { part: id, name, options } = message
      const made = once
        ? once(name, ({ idempotencyKey }) => begin(id, idempotencyKey, reply), options)
        : Promise.reject(wrongPart('only a call has `once`'))
      made.then(
        (value) => reply({ ended: id, value }),
        (error) => reply({ ended: id, problem: problemOf(error) }),
      )
    },
    end() {
      for (const { reject } of working.values())
        reject(new UnknownError('The process of the tool ended during a part.'))
      working.clear()
    },
  }
}

type Line = {
  readonly signal: AbortSignal
  emit(message: PartFromProcess): void
  hear(listener: (message: PartToProcess) => void): void
}

/** `once` of a call within the process of its tool. */
export function onceIn(tool: string, { signal, emit, hear }: Line, ofCall: EffectClass): Once {
  type Act = Parameters<Once>[1]
  const acts: {
    readonly name: string
    readonly act: Act
    readonly effect: EffectClass
    readonly end: PromiseWithResolvers<Json>
  }[] = []

  /** The work of a part. A result that is not JSON could not be sent. */
  async function work(id: number, idempotencyKey: string): Promise<void> {
    const { name, act, effect } = acts[id]!
    try {
      const value = keepResult(`The part ${name} of ${tool}`, await act({ idempotencyKey, signal }))
      emit({ acted: id, value })
    } catch (error) {
      emit({ acted: id, problem: problemOfEnd(name, error, signal, effect) })
    }
  }

  hear((message) => {
    if ('act' in message) void work(message.act, message.idempotencyKey)
    else settle(acts[message.ended]?.end, message)
  })
  return (name, act, options) => {
    if (typeof act !== 'function') throw wrongPart(`${tool}: expected a function for \`once\``)
    const end = Promise.withResolvers<Json>()
    const id = acts.push({ name, act, effect: options?.effect ?? ofCall, end }) - 1
    emit({ part: id, name, options })
    return end.promise as never
  }
}

function settle(work: PromiseWithResolvers<Json> | undefined, outcome: Outcome): void {
  if ('value' in outcome) work?.resolve(outcome.value)
  else work?.reject(errorOf(outcome.problem))
}
