import type { CompiledPipeline } from './compiled.ts'
import type { ValueStore } from './refs.ts'

/**
 * Reads a compiled pipeline by its hash. Its shape is trusted: only the compiler stores pipelines, and the number of
 * the stored format changes with it.
 */
export function openPipeline(values: Pick<ValueStore, 'get'>, hash: string): Promise<CompiledPipeline> {
  return values.get(hash) as Promise<unknown> as Promise<CompiledPipeline>
}
