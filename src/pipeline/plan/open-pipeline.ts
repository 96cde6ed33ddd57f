import type { ValueStore } from '../../step/values.ts'
import type { CompiledPipeline } from './compiled.ts'

/** Reads a compiled pipeline by its hash. Its shape is trusted: only the compiler stores pipelines. */
export async function openPipeline(values: Pick<ValueStore, 'get'>, hash: string): Promise<CompiledPipeline> {
  return (await values.get(hash)) as CompiledPipeline
}
