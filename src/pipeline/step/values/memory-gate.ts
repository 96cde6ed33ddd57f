import { resolveReferences } from '../../../step/record/item-values.ts'
import type { StepValue } from '../../../step/record/outcome.ts'
import type { ValueRef } from '../../../step/values.ts'
import type { PipelineServices } from '../context.ts'

/** Memory reserved for a step, from before its values are read until its result is stored. */
export type MemoryHold = {
  /** Waits for memory for the values that the step reads, including values inside `loops`. */
  enter(refs: readonly ValueRef[], loops: readonly ValueRef[]): Promise<void>
  leave(): void
}

/** Bytes of memory per byte read: value, rendered texts, a result, their JSON, and garbage. Measured with 200 KB. */
const MEMORY_PER_VALUE_BYTE = 12

/** A hold that reserves nothing yet. Without a gate it never does. */
export function createMemoryHold({ gate, values }: PipelineServices, signal: AbortSignal): MemoryHold {
  let leave: (() => void) | undefined
  const sizeOf = (hash: string) => values.size?.(hash) ?? Promise.resolve(0)

  async function namedIn(ref: ValueRef): Promise<number> {
    const value = ('inline' in ref ? ref.inline : await values.get(ref.blob)) as StepValue
    let bytes = 0
    await resolveReferences(value, async (named) => {
      bytes += await sizeOf(named.blob)
      return named
    })
    return bytes
  }

  return {
    async enter(refs, loops) {
      // a step that holds bytes never waits for more
      if (!gate || leave) return
      let bytes = 0
      for (const ref of refs) if ('blob' in ref) bytes += await sizeOf(ref.blob)
      for (const ref of loops) bytes += await namedIn(ref)
      if (bytes === 0) return
      leave = await gate.enter(bytes * MEMORY_PER_VALUE_BYTE)
      if (!signal.aborted) return
      leave()
      signal.throwIfAborted()
    },
    leave: () => leave?.(),
  }
}
